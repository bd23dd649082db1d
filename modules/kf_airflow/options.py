"""How the parts are made when nobody brings them: one frozen, self-checking dataclass each.

`config/<env>.toml` is read straight into them, so an option, its default and its check exist once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_network

from kf_airflow.subnets import MAXIMUM_ZONES, MINIMUM_ZONES, checked_cidr_block
from kf_airflow.tables import Table

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
NAT_CHOICES = ("none", "single", "per-az")

_INSTANCE_CLASS = re.compile(r"db\.[a-z0-9]+\.[a-z0-9]+")
_NODE_TYPE = re.compile(r"cache\.[a-z0-9]+\.[a-z0-9]+")


def _between(key: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise ValueError(f"{key} is {value}: allowed are {lowest} to {highest}")


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
        _between("zones", self.zones, MINIMUM_ZONES, MAXIMUM_ZONES)
        if self.nat not in NAT_CHOICES:
            raise ValueError(f"nat is {self.nat!r}: allowed are {', '.join(NAT_CHOICES)}")


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
        _between("allocated_storage_gib", self.allocated_storage_gib, 20, 65536)
        _between(
            "max_allocated_storage_gib", self.max_allocated_storage_gib, self.allocated_storage_gib, 65536
        )
        _between("backup_retention_days", self.backup_retention_days, 0, 35)


@dataclass(frozen=True, kw_only=True)
class BrokerOptions(Table):
    """How an ElastiCache replication group is made.

    Args:
        node_type: `cache.t4g.small` if left out.
        engine_version: Redis's version. `7.1` if left out.
        replicas: How many replicas, 0 to 5. With at least one, a replica takes over when the primary fails.
            None if left out.
        snapshot_retention_days: How long daily snapshots are kept, 0 to 35 days; 0 turns them off. 1 if left
            out.

    Raises:
        ValueError: if a value is not allowed.
    """

    node_type: str = "cache.t4g.small"
    engine_version: str = "7.1"
    replicas: int = 0
    snapshot_retention_days: int = 1

    def __post_init__(self) -> None:
        if not _NODE_TYPE.fullmatch(self.node_type):
            raise ValueError(
                f"node_type is {self.node_type!r}: allowed are ElastiCache types such as cache.t4g.small"
            )
        # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html
        _between("replicas", self.replicas, 0, 5)
        _between("snapshot_retention_days", self.snapshot_retention_days, 0, 35)


@dataclass(frozen=True, kw_only=True)
class StorageOptions(Table):
    """How the log bucket is made.

    Args:
        bucket_name: The bucket's name, unique in the world. If left out, AWS makes one that begins with the
            deployment's.
        expiration_days: After how many days a log is deleted. 365 if left out.
        noncurrent_days: After how many days an overwritten or deleted version is deleted. 30 if left out.
        force_destroy: Whether destroying the stack may delete a bucket with logs in it. False if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    bucket_name: str | None = None
    expiration_days: int = 365
    noncurrent_days: int = 30
    force_destroy: bool = False

    def __post_init__(self) -> None:
        _between("expiration_days", self.expiration_days, 1, 36500)
        _between("noncurrent_days", self.noncurrent_days, 1, 36500)


@dataclass(frozen=True, kw_only=True)
class LogOptions(Table):
    """How log groups are made.

    Args:
        prefix: What their names begin with. `apps/<name>` if left out.
        retention_days: How long CloudWatch keeps them, one of the numbers of days it knows. 30 if left out.

    Raises:
        ValueError: if CloudWatch has no such retention.
    """

    prefix: str | None = None
    retention_days: int = 30

    def __post_init__(self) -> None:
        if self.retention_days not in LOG_RETENTION_DAYS:
            raise ValueError(
                f"retention_days is {self.retention_days}: "
                f"allowed are {', '.join(map(str, LOG_RETENTION_DAYS))}"
            )


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
        _between("idle_timeout_seconds", self.idle_timeout_seconds, 1, 4000)
