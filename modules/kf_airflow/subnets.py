"""Plans the subnets of a VPC."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from kf_airflow import checks

MINIMUM_ZONES, MAXIMUM_ZONES = 2, 4
# AWS VPCs are /16 at the widest; below /23 our public subnets would be narrower than AWS's /28.
# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
WIDEST_PREFIX, NARROWEST_PREFIX = 16, 23


@dataclass(frozen=True, kw_only=True)
class SubnetPlan:
    """The CIDR blocks of a VPC's subnets, one of each kind for every zone, in the order of the zones."""

    private: tuple[str, ...]
    public: tuple[str, ...]


def plan_subnets(cidr_block: str, *, zones: int) -> SubnetPlan:
    """Divides a VPC into private and public subnets.

    The block is cut into eighths: the first four are for private subnets, of the next four the first quarter
    of each for public ones, which hold only load balancers and NAT gateways. The rest stays free. A zone's
    blocks do not depend on the number of zones, so a zone can be added later without replacing the subnets of
    the others.

    Args:
        cidr_block: The VPC's IPv4 block, from /16 to /23.
        zones: How many availability zones, from 2 (what RDS and a load balancer need) to 4.

    Raises:
        ValueError: if the block or the number of zones is not allowed.
    """
    if not MINIMUM_ZONES <= zones <= MAXIMUM_ZONES:
        raise ValueError(f"zones is {zones}: allowed are {MINIMUM_ZONES} to {MAXIMUM_ZONES}")
    eighths = list(checked_cidr_block(cidr_block).subnets(prefixlen_diff=3))
    private, public = eighths[:4], [next(eighth.subnets(prefixlen_diff=2)) for eighth in eighths[4:]]
    return SubnetPlan(
        private=tuple(str(block) for block in private[:zones]),
        public=tuple(str(block) for block in public[:zones]),
    )


def checked_cidr_block(cidr_block: str) -> IPv4Network:
    """Returns the block of a VPC as a network.

    Raises:
        ValueError: if it is not an IPv4 block without host bits, or not from /16 to /23.
    """
    block = checks.cidr_block(f"cidr_block is {cidr_block!r}", cidr_block)
    if not isinstance(block, IPv4Network) or not WIDEST_PREFIX <= block.prefixlen <= NARROWEST_PREFIX:
        raise ValueError(
            f"cidr_block is {cidr_block!r}: "
            f"allowed are IPv4 blocks from /{WIDEST_PREFIX} to /{NARROWEST_PREFIX}"
        )
    return block
