"""A broker, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.checks import HIGHEST_PORT, between
from kf_airflow.refs.ref import Ref


@dataclass(frozen=True, kw_only=True)
class BrokerRef(Ref):
    """A Redis or Valkey with cluster mode off.

    Args:
        address: Its host name, the one its TLS certificate is for.
        secret_arn: The secret with the key `password`, the AUTH token. If left out, it asks for none.
        port: 6379 if left out.
        tls: Whether it speaks TLS. True if left out.
        security_group_id: The group that guards it; a rule for each service is added to it. If left out
            nothing is added, and who owns the broker lets the services in.
        cache_cluster_ids: What ElastiCache calls its nodes, for alarms and graphs. There are none if left
            out.
        key_arn: The KMS key its secret is encrypted with. AWS's own key if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    address: str
    secret_arn: str | None = None
    port: int = 6379
    tls: bool = True
    security_group_id: str | None = None
    cache_cluster_ids: tuple[str, ...] = ()
    key_arn: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        between("port", self.port, 1, HIGHEST_PORT)
