"""A network, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.checks import cidr_block
from kf_airflow.refs.ref import Ref

# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
_WIDEST_PREFIX, _NARROWEST_PREFIX = 16, 28


@dataclass(frozen=True, kw_only=True)
class NetworkRef(Ref):
    """A VPC and its subnets.

    Args:
        vpc_id: The VPC.
        private_subnet_ids: Where services, database and broker go: at least two, each in a zone of its own,
            with a way out to AWS's APIs.
        public_subnet_ids: Where a load balancer open to the internet goes: at least two, each in a zone of
            its own. None if left out; then only an internal one is possible.
        cidr_block: The VPC's block, which an internal load balancer admits by default. If left out,
            `allowed_cidrs` has to be given there.

    Raises:
        ValueError: if there are fewer than two private subnets, or just one public subnet, or one twice,
            or another value is not allowed.
    """

    vpc_id: str
    private_subnet_ids: tuple[str, ...]
    public_subnet_ids: tuple[str, ...] = ()
    cidr_block: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._check_cidr_block()
        _check_subnets("private_subnet_ids", self.private_subnet_ids)
        if self.public_subnet_ids:
            _check_subnets("public_subnet_ids", self.public_subnet_ids)

    def _check_cidr_block(self) -> None:
        value = self.cidr_block
        # One of Terraform's references stands for a block.
        if value is None or value.startswith("${"):
            return
        said = f"cidr_block is {value!r}"
        network = cidr_block(said, value)
        if network.version != 4 or not _WIDEST_PREFIX <= network.prefixlen <= _NARROWEST_PREFIX:
            raise ValueError(
                f"{said}: allowed are IPv4 blocks from /{_WIDEST_PREFIX} to /{_NARROWEST_PREFIX}"
            )


def _check_subnets(key: str, ids: tuple[str, ...]) -> None:
    if len(set(ids)) < max(2, len(ids)) or not all(id_.strip() for id_ in ids):
        raise ValueError(
            f"{key} is {list(ids)}: RDS and load balancers need at least two, each in a zone of its own"
        )
