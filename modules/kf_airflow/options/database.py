"""How an RDS PostgreSQL instance is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.checks import between, once
from kf_airflow.instance_classes import check_instance_class
from kf_airflow.options.database_storage import checked_storage
from kf_airflow.options.logs import checked_retention
from kf_airflow.options.windows import daily_window, overlap, weekly_window
from kf_airflow.tables import Table

MAJOR_VERSIONS = ("15", "16", "17", "18")
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
MONITORING_INTERVALS = (0, 1, 5, 10, 15, 30, 60)
LOG_EXPORTS = ("postgresql", "upgrade")

_ENGINE_VERSION = re.compile(r"(\d+)(?:\.(\d+))?")
# A major version is kept up for five years, with a minor one each quarter: some twenty, and a few between.
# https://www.postgresql.org/support/versioning/
_LAST_MINOR_VERSION = 30
# TLS is what everything that connects counts on.
_OUR_PARAMETERS = ("rds.force_ssl",)


@dataclass(frozen=True, kw_only=True)
class DatabaseOptions(Table):
    """How an RDS PostgreSQL instance is made.

    Args:
        instance_class: `db.t4g.small` if left out.
        engine_version: PostgreSQL's major version, 15 to 18; RDS picks the minor one and keeps it up to date.
            `17` if left out.
        allocated_storage_gib: Storage to begin with, 20 to 65536 GiB. 20 if left out.
        max_allocated_storage_gib: How far RDS may grow it, in GiB, at least a tenth more than there is to
            begin with; 0 keeps it as it is. 100 if left out.
        storage_type: `gp3`, `gp2`, `io1` or `io2`. `gp3` if left out.
        storage_iops: How many operations a second, for `io1` and `io2` (which need it) and for `gp3` of 400
            GiB or more. What the type has by itself if left out.
        multi_az: Whether a standby in another zone takes over. False if left out.
        backup_retention_days: How long automated backups are kept, 0 to 35 days; 0 turns them off. 7 if left
            out.
        backup_window: When they are made, each day in UTC, such as `03:00-04:00`. RDS picks half an hour of
            the region's night if left out.
        maintenance_window: When RDS may patch the instance, each week in UTC, such as `sun:05:00-sun:06:00`,
            and when changes are made that do not apply at once. RDS picks half an hour of the region's night
            if left out.
        apply_immediately: Whether changes are made at once instead of in the maintenance window, even those
            that restart the database. False if left out.
        allow_major_version_upgrade: Whether a change of `engine_version` may be one of the major version,
            which cannot be undone. False if left out.
        deletion_protection: Whether AWS refuses to delete the instance. True if left out.
        final_snapshot: Whether a deletion leaves a snapshot, and the automated backups until they are too
            old. True if left out.
        performance_insights: Whether RDS records what the database waits for, kept for 7 days at no cost.
            True if left out.
        monitoring_interval_seconds: How often the operating system's metrics are written to CloudWatch Logs:
            1, 5, 10, 15, 30 or 60 s; 0 turns them off. 60 if left out.
        log_exports: Which logs CloudWatch Logs gets: `postgresql`, `upgrade`. Both if left out.
        log_retention_days: How long it keeps them, one of the numbers of days it knows. 30 if left out.
        parameters: Further parameters of PostgreSQL with their values, as in RDS's parameter group. None if
            left out.
        password_rotation_days: After how many days RDS changes the password of the master login, 1 to 1000.
            Only `migrate` uses it. RDS's own 7 if left out.
        proxy: Whether an RDS Proxy stands before it and shares its connections among the processes. False
            if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    instance_class: str = "db.t4g.small"
    engine_version: str = "17"
    allocated_storage_gib: int = 20
    max_allocated_storage_gib: int | None = 100
    storage_type: str = "gp3"
    storage_iops: int | None = None
    multi_az: bool = False
    backup_retention_days: int = 7
    backup_window: str | None = None
    maintenance_window: str | None = None
    apply_immediately: bool = False
    allow_major_version_upgrade: bool = False
    deletion_protection: bool = True
    final_snapshot: bool = True
    performance_insights: bool = True
    monitoring_interval_seconds: int = 60
    log_exports: tuple[str, ...] = LOG_EXPORTS
    log_retention_days: int = 30
    parameters: Mapping[str, str] = field(default_factory=dict)
    password_rotation_days: int | None = None
    proxy: bool = False

    def __post_init__(self) -> None:
        check_instance_class("instance_class", self.instance_class)
        version = _ENGINE_VERSION.fullmatch(self.engine_version)
        if version is None or version[1] not in MAJOR_VERSIONS:
            raise ValueError(
                f"engine_version is {self.engine_version!r}: allowed are PostgreSQL versions such as 17, "
                f"from {MAJOR_VERSIONS[0]} to {MAJOR_VERSIONS[-1]}"
            )
        if version[2] is not None and int(version[2]) > _LAST_MINOR_VERSION:
            raise ValueError(
                f"engine_version is {self.engine_version!r}: allowed are {version[1]!r}, for RDS to pick "
                f"the minor version, and minor ones up to {_LAST_MINOR_VERSION}, which none reaches"
            )
        checked_storage(
            storage_type=self.storage_type,
            allocated_gib=self.allocated_storage_gib,
            max_allocated_gib=self.max_allocated_storage_gib,
            iops=self.storage_iops,
        )
        between("backup_retention_days", self.backup_retention_days, 0, 35)
        self._check_windows()
        self._check_records()
        if self.password_rotation_days is not None:
            # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
            between("password_rotation_days", self.password_rotation_days, 1, 1000)
        for name in _OUR_PARAMETERS:
            if name in self.parameters:
                raise ValueError(f"parameters has {name}: allowed are all but it, for TLS is always forced")

    @property
    def major_version(self) -> str:
        """PostgreSQL's major version."""
        return self.engine_version.split(".")[0]

    def _check_windows(self) -> None:
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
        backup = self.backup_window and daily_window("backup_window", self.backup_window, shortest_minutes=30)
        maintenance = self.maintenance_window and weekly_window(
            "maintenance_window", self.maintenance_window, shortest_minutes=30
        )
        if backup and maintenance and overlap(backup, maintenance):
            raise ValueError(
                f"backup_window is {self.backup_window!r}: allowed are windows that the maintenance_window "
                f"{self.maintenance_window!r} does not overlap"
            )

    def _check_records(self) -> None:
        if self.monitoring_interval_seconds not in MONITORING_INTERVALS:
            raise ValueError(
                f"monitoring_interval_seconds is {self.monitoring_interval_seconds}: "
                f"allowed are {', '.join(map(str, MONITORING_INTERVALS))}"
            )
        for log in self.log_exports:
            if log not in LOG_EXPORTS:
                raise ValueError(f"log_exports has {log!r}: allowed are {', '.join(LOG_EXPORTS)}")
        once("log_exports", self.log_exports)
        checked_retention("log_retention_days", self.log_retention_days)
