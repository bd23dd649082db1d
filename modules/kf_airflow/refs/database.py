"""A database, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DatabaseRef:
    """A PostgreSQL database.

    Args:
        address: Its host name, the one its TLS certificate is for.
        name: The database on it.
        secret_arn: The secret with the keys `username` and `password` of a role that owns the database and
            may create roles.
        port: 5432 if left out.
        security_group_id: The group that guards it; a rule for each service is added to it. If left out
            nothing is added, and who owns the database lets the services in.
    """

    address: str
    name: str
    secret_arn: str
    port: int = 5432
    security_group_id: str | None = None
