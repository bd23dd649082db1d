"""What of the broker is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from kf_airflow_deploy.costs.amounts import HOURS, Amounts
from kf_airflow_deploy.costs.quantity import Quantity, several
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import Usage

PART = "Broker"
# What ElastiCache keeps of each cluster at no cost.
_FREE_SNAPSHOTS = 1


def broker(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields what the nodes and their snapshots amount to."""
    for group in stack.all("aws_elasticache_replication_group"):
        nodes, type_ = int(group.get("num_cache_clusters", 1)), group.get("node_type")
        engine = group.get("engine", "redis")
        yield Quantity(
            part=PART,
            item=f"{several(nodes, 'node')} {type_} ({engine})",
            price=f"broker.{engine}.{type_}.hour",
            amounts=Amounts.of(nodes * HOURS),
            options=("[broker] node_type, engine", "[broker] replicas"),
        )
        days = int(group.get("snapshot_retention_limit") or 0)
        if days > _FREE_SNAPSHOTS:
            yield Quantity(
                part=PART,
                item=f"snapshots of {days} days, one of them free",
                price="broker.snapshot.gb-month",
                amounts=usage.broker_snapshot_gb * (days - _FREE_SNAPSHOTS),
                options=("[broker] snapshot_retention_days",),
            )
