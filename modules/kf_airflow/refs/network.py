"""A network, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class NetworkRef(Table):
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
        ValueError: if there are fewer than two private subnets, or just one public subnet, or one twice.
    """

    vpc_id: str
    private_subnet_ids: tuple[str, ...]
    public_subnet_ids: tuple[str, ...] = ()
    cidr_block: str | None = None

    def __post_init__(self) -> None:
        _check_subnets("private_subnet_ids", self.private_subnet_ids)
        if self.public_subnet_ids:
            _check_subnets("public_subnet_ids", self.public_subnet_ids)


def _check_subnets(key: str, ids: tuple[str, ...]) -> None:
    if len(set(ids)) < max(2, len(ids)):
        raise ValueError(
            f"{key} is {list(ids)}: RDS and load balancers need at least two, each in a zone of its own"
        )
