"""How an ElastiCache replication group is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.checks import between
from kf_airflow.node_types import check_node_type
from kf_airflow.options.windows import daily_window, overlap, weekly_window
from kf_airflow.tables import Table

# Versions with TLS and AUTH, and the family of parameters each belongs to.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html
VERSIONS: Mapping[str, Mapping[str, str]] = {
    "redis": {"6.0": "redis6.x", "6.2": "redis6.x", "7.0": "redis7", "7.1": "redis7"},
    "valkey": {"7.2": "valkey7", "8.0": "valkey8", "8.1": "valkey8", "8.2": "valkey8"},
}
_DEFAULT_VERSIONS = {"redis": "7.1", "valkey": "8.1"}

# Celery's and RQ's clients do not speak to a cluster.
_OUR_PARAMETERS = ("cluster-enabled",)


@dataclass(frozen=True, kw_only=True)
class BrokerOptions(Table):
    """How an ElastiCache replication group is made.

    Args:
        engine: `redis` or `valkey`. `redis` if left out.
        engine_version: 6.0, 6.2, 7.0 or 7.1 of Redis; 7.2, 8.0, 8.1 or 8.2 of Valkey. 7.1 of Redis and 8.1 of
            Valkey if left out.
        node_type: A node type of ElastiCache without data tiering. `cache.t4g.small` if left out.
        replicas: How many replicas, 0 to 5. None if left out.
        automatic_failover: Whether a replica takes over when the primary or its zone fails. Wherever there is
            a replica if left out.
        tls: Whether only TLS is spoken. True if left out.
        auth: Whether a client has to send the AUTH token, which TLS has to protect. True if left out.
        snapshot_retention_days: How long daily snapshots are kept, 0 to 35 days; 0 turns them off. 1 if left
            out.
        snapshot_window: When they are made, each day in UTC, such as `03:00-04:00`. ElastiCache picks an hour
            if left out.
        maintenance_window: When ElastiCache may patch the nodes, each week in UTC, such as
            `sun:05:00-sun:06:00`, and when changes are made that do not apply at once. ElastiCache picks an
            hour if left out.
        apply_immediately: Whether changes are made at once instead of in the maintenance window. False if
            left out.
        parameters: Further parameters of the engine with their values, as in ElastiCache's parameter group.
            If left out, `maxmemory-policy` is `noeviction`, so that a full broker refuses tasks instead of
            losing them, and the rest is ElastiCache's default.

    Raises:
        ValueError: if a value is not allowed.
    """

    engine: str = "redis"
    engine_version: str | None = None
    node_type: str = "cache.t4g.small"
    replicas: int = 0
    automatic_failover: bool | None = None
    tls: bool = True
    auth: bool = True
    snapshot_retention_days: int = 1
    snapshot_window: str | None = None
    maintenance_window: str | None = None
    apply_immediately: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.engine not in VERSIONS:
            raise ValueError(f"engine is {self.engine!r}: allowed are {', '.join(VERSIONS)}")
        if self.version not in VERSIONS[self.engine]:
            raise ValueError(
                f"engine_version is {self.engine_version!r}: "
                f"allowed for {self.engine} are {', '.join(VERSIONS[self.engine])}"
            )
        check_node_type("node_type", self.node_type)
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html
        between("replicas", self.replicas, 0, 5)
        if self.automatic_failover and not self.replicas:
            raise ValueError("automatic_failover is true: allowed with replicas of 1 to 5, and replicas is 0")
        if self.auth and not self.tls:
            raise ValueError("auth is true: allowed with TLS, and tls is false")
        between("snapshot_retention_days", self.snapshot_retention_days, 0, 35)
        self._check_windows()
        for name in _OUR_PARAMETERS:
            if name in self.parameters:
                raise ValueError(f"parameters has {name}: allowed are all but it, for cluster mode is off")

    @property
    def version(self) -> str:
        """The version of the engine."""
        return self.engine_version or _DEFAULT_VERSIONS[self.engine]

    @property
    def family(self) -> str:
        """The family of parameters its version belongs to."""
        return VERSIONS[self.engine][self.version]

    @property
    def fails_over(self) -> bool:
        """Whether a replica takes over when the primary fails."""
        return self.replicas > 0 if self.automatic_failover is None else self.automatic_failover

    def _check_windows(self) -> None:
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
        snapshot = self.snapshot_window and daily_window(
            "snapshot_window", self.snapshot_window, shortest_minutes=60
        )
        maintenance = self.maintenance_window and weekly_window(
            "maintenance_window", self.maintenance_window, shortest_minutes=60
        )
        if snapshot and maintenance and overlap(snapshot, maintenance):
            raise ValueError(
                f"snapshot_window is {self.snapshot_window!r}: allowed are windows that the "
                f"maintenance_window {self.maintenance_window!r} does not overlap"
            )
