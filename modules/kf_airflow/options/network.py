"""How a VPC is made."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.options.checks import between
from kf_airflow.subnets import MAXIMUM_ZONES, MINIMUM_ZONES, checked_cidr_block
from kf_airflow.tables import Table

NAT_CHOICES = ("none", "single", "per-az")


@dataclass(frozen=True, kw_only=True)
class NetworkOptions(Table):
    """How a VPC is made.

    Args:
        cidr_block: Its IPv4 block, from /16 to /23. 10.20.0.0/16 if left out.
        zones: Over how many availability zones, 2 to 4. Two if left out.
        nat: How the private subnets reach the outside: `single` (one NAT gateway, whose zone all depend on),
            `per-az` (one in each zone), or `none` (not at all; AWS's own APIs are reached through interface
            endpoints). `single` if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    cidr_block: str = "10.20.0.0/16"
    zones: int = 2
    nat: str = "single"

    def __post_init__(self) -> None:
        checked_cidr_block(self.cidr_block)
        between("zones", self.zones, MINIMUM_ZONES, MAXIMUM_ZONES)
        if self.nat not in NAT_CHOICES:
            raise ValueError(f"nat is {self.nat!r}: allowed are {', '.join(NAT_CHOICES)}")
