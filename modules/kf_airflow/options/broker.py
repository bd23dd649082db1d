"""How an ElastiCache replication group is made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kf_airflow.options.checks import between
from kf_airflow.tables import Table

_NODE_TYPE = re.compile(r"cache\.[a-z0-9]+\.[a-z0-9]+")


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
        between("replicas", self.replicas, 0, 5)
        between("snapshot_retention_days", self.snapshot_retention_days, 0, 35)
