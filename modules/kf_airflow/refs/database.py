"""A database, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.checks import HIGHEST_PORT, between
from kf_airflow.refs.ref import Ref


@dataclass(frozen=True, kw_only=True)
class DatabaseRef(Ref):
    """A PostgreSQL database.

    Args:
        address: Its host name, the one its TLS certificate is for. That of a proxy, where one stands before
            it.
        name: The database on it.
        secret_arn: The secret with the keys `username` and `password` of the master login, a role that owns
            the database and may create roles. Used by `migrate` alone, so RDS may rotate it; everything else
            logs in with the roles of `CredentialsRef`.
        port: 5432 if left out.
        security_group_id: The group that guards it; a rule for each service is added to it. If left out
            nothing is added, and who owns the database lets the services in.
        direct_address: The host name of the database itself, where `address` is that of a proxy. `migrate`
            connects there. If left out, `address` is the database itself.
        max_connections: How many connections it takes at once. If left out, the library does not know and
            does not compare.
        identifier: What RDS calls the instance; a `DatabaseProxy` finds it by that, and so do
            alarms and graphs. None if left out.
        key_arn: The KMS key its secret is encrypted with. AWS's own key if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    address: str
    name: str
    secret_arn: str
    port: int = 5432
    security_group_id: str | None = None
    direct_address: str | None = None
    max_connections: int | None = None
    identifier: str | None = None
    key_arn: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        between("port", self.port, 1, HIGHEST_PORT)
