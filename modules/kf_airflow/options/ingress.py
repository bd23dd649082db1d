"""How the load balancer is made."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from kf_airflow.options.checks import between
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class IngressOptions(Table):
    """How the load balancer is made.

    Args:
        internal: Whether it has private addresses only. True if left out.
        allowed_cidrs: Who may connect. If left out, the network's own block may if the load balancer is
            internal; an open one has no default.
        certificate_arn: The ACM certificate for HTTPS on port 443; port 80 then only redirects. If left out,
            plain HTTP is served on port 80.
        idle_timeout_seconds: When a silent connection is closed, 1 to 4000 s. 120 if left out.
        deletion_protection: Whether AWS refuses to delete the load balancer. True if left out.

    Raises:
        ValueError: if a value is not allowed, or an open load balancer does not say who may connect.
    """

    internal: bool = True
    allowed_cidrs: tuple[str, ...] | None = None
    certificate_arn: str | None = None
    idle_timeout_seconds: int = 120
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        for cidr in self.allowed_cidrs or ():
            try:
                ip_network(cidr)
            except ValueError as error:
                raise ValueError(f"allowed_cidrs has {cidr!r}, which is not a CIDR block: {error}") from error
        if not self.internal and self.allowed_cidrs is None:
            raise ValueError(
                "allowed_cidrs is not set: a load balancer open to the internet (internal = false) "
                "has to say who may connect"
            )
        between("idle_timeout_seconds", self.idle_timeout_seconds, 1, 4000)
