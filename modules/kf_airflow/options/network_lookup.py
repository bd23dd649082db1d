"""How a VPC that is there already is found by its tags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kf_airflow.tables import Table

_ORGANIZATION = "kf-strides"
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
_ZONE = re.compile(r"[a-z]")


@dataclass(frozen=True, kw_only=True)
class NetworkNames:
    """The tags `Name` by which a VPC and its subnets are found; `*` and `?` stand for other characters."""

    vpc: str
    private_subnets: tuple[str, ...]
    public_subnets: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class NetworkLookup(Table):
    """How a VPC that is there already is found by its tags `Name`.

    What is left out is as Kids First has it: the VPC `<organization>-apps-<environment>-<region>-vpc` with
    private subnets `*apps*<environment>*private*1a` and so on. In a name `*` stands for any characters and
    `?` for one, and each has to find exactly one VPC or subnet.

    Args:
        environment: Whose network it is, such as `dev`. That of the settings if left out there; elsewhere
            needed unless all names are given.
        region: Where it is. That of the settings if left out there; elsewhere needed unless all names are
            given.
        organization: Whose it is. That of the settings if left out there; elsewhere `kf-strides`.
        zones: The letters of the availability zones whose private subnets are found, at least two. `a` and
            `b` if left out.
        vpc_name: The VPC's name. As Kids First has it if left out.
        private_subnet_names: The names of its private subnets, at least two. As Kids First has it, one for
            each of `zones`, if left out.
        public_subnet_names: The names of its public subnets, at least two, such as `*apps*dev*public*1a`.
            None is looked for if left out; then only an internal load balancer is possible.

    Raises:
        ValueError: if a value is not allowed.
    """

    environment: str | None = None
    region: str | None = None
    organization: str | None = None
    zones: tuple[str, ...] = ("a", "b")
    vpc_name: str | None = None
    private_subnet_names: tuple[str, ...] | None = None
    public_subnet_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.region is not None and not _REGION.fullmatch(self.region):
            raise ValueError(f"region is {self.region!r}: allowed are regions such as us-east-1")
        for zone in self.zones:
            if not _ZONE.fullmatch(zone):
                raise ValueError(f"zones has {zone!r}: allowed are the letters of zones, such as a")
        _at_least_two("zones", self.zones)
        if self.private_subnet_names is not None:
            _at_least_two("private_subnet_names", self.private_subnet_names)
        if self.public_subnet_names:
            _at_least_two("public_subnet_names", self.public_subnet_names)

    def resolved(self, *, environment: str, region: str, organization: str) -> NetworkLookup:
        """Returns the same with what it leaves out of these three."""
        return replace(
            self,
            environment=self.environment or environment,
            region=self.region or region,
            organization=self.organization or organization,
        )

    def names(self) -> NetworkNames:
        """Returns the names to look for.

        Raises:
            ValueError: if a name is not given, nor what it is made of.
        """
        return NetworkNames(
            vpc=self.vpc_name or self._vpc_name(),
            private_subnets=self.private_subnet_names or self._private_subnet_names(),
            public_subnets=self.public_subnet_names,
        )

    def _vpc_name(self) -> str:
        organization = self.organization or _ORGANIZATION
        environment = _needed("environment", self.environment, for_="vpc_name")
        return f"{organization}-apps-{environment}-{_needed('region', self.region, for_='vpc_name')}-vpc"

    def _private_subnet_names(self) -> tuple[str, ...]:
        environment = _needed("environment", self.environment, for_="private_subnet_names")
        # Zones are called `us-east-1a`, and the names of subnets end with theirs.
        number = _needed("region", self.region, for_="private_subnet_names")[-1]
        return tuple(f"*apps*{environment}*private*{number}{zone}" for zone in self.zones)


def _needed(key: str, value: str | None, *, for_: str) -> str:
    if not value:
        raise ValueError(f"{key} is not set: {for_} is made from it, so set one of them")
    return value


def _at_least_two(key: str, values: Sequence[str]) -> None:
    if len(set(values)) < max(2, len(values)) or not all(values):
        raise ValueError(
            f"{key} is {list(values)}: RDS and load balancers need at least two, each in a zone of its own"
        )
