"""How an RDS PostgreSQL instance is made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kf_airflow.options.checks import between
from kf_airflow.tables import Table

_INSTANCE_CLASS = re.compile(r"db\.[a-z0-9]+\.[a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class DatabaseOptions(Table):
    """How an RDS PostgreSQL instance is made.

    Args:
        instance_class: `db.t4g.small` if left out.
        engine_version: PostgreSQL's major version; RDS picks the minor one and keeps it up to date. `17` if
            left out.
        allocated_storage_gib: Storage to begin with, 20 to 65536 GiB. 20 if left out.
        max_allocated_storage_gib: How far RDS may grow it, in GiB. 100 if left out.
        multi_az: Whether a standby in another zone takes over. False if left out.
        backup_retention_days: How long automated backups are kept, 0 to 35 days; 0 turns them off. 7 if left
            out.
        deletion_protection: Whether AWS refuses to delete the instance. True if left out.
        final_snapshot: Whether a deletion leaves a snapshot. True if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    instance_class: str = "db.t4g.small"
    engine_version: str = "17"
    allocated_storage_gib: int = 20
    max_allocated_storage_gib: int = 100
    multi_az: bool = False
    backup_retention_days: int = 7
    deletion_protection: bool = True
    final_snapshot: bool = True

    def __post_init__(self) -> None:
        if not _INSTANCE_CLASS.fullmatch(self.instance_class):
            raise ValueError(
                f"instance_class is {self.instance_class!r}: allowed are RDS classes such as db.t4g.small"
            )
        if not self.engine_version.split(".")[0].isdecimal():
            raise ValueError(
                f"engine_version is {self.engine_version!r}: allowed are PostgreSQL versions such as 17"
            )
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html (gp3)
        between("allocated_storage_gib", self.allocated_storage_gib, 20, 65536)
        between(
            "max_allocated_storage_gib", self.max_allocated_storage_gib, self.allocated_storage_gib, 65536
        )
        between("backup_retention_days", self.backup_retention_days, 0, 35)
