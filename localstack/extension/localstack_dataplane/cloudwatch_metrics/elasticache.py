"""Metrics of cache nodes, from Redis itself.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
"""

from collections.abc import Iterator

from localstack_dataplane.cloudwatch_metrics.controller import numbers, said_in
from localstack_dataplane.cloudwatch_metrics.datum import Counters, Datum
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.elasticache.controller import KIND, ElastiCacheState


class ElastiCacheMetrics:
    """Measures memory, evictions and connections of each node.

    Args:
        docker: Runs the nodes.
        state: The API's records.
    """

    def __init__(self, docker: DockerHost, state: ElastiCacheState) -> None:
        self._docker, self._state = docker, state
        self._counters = Counters()

    def __call__(self) -> Iterator[Datum]:
        """Measure each node that answers."""
        containers = {found.label("node"): found for found in self._docker.containers(kind=KIND)}
        for group in self._state.groups():
            for node in group.nodes:
                container = containers.get(node.id)
                if container is None or not container.running:
                    continue
                identity = container.id
                found = numbers(
                    said_in(lambda: self._docker.exec(identity, ["redis-metrics"]), node.id)  # noqa: B023
                )
                if found:
                    yield from self._data(group.arn, node.id, found)

    def _data(self, arn: str, node: str, found: dict[str, float]) -> Iterator[Datum]:
        most = found["maxmemory"]
        values = {
            "Evictions": (self._counters.increase(node, found["evicted_keys"]), "Count"),
            "CurrConnections": (found["connected_clients"], "Count"),
            "BytesUsedForCache": (found["used_memory"], "Bytes"),
            **(
                {"DatabaseMemoryUsagePercentage": (100 * found["used_memory"] / most, "Percent")}
                if most
                else {}
            ),
        }
        for name, (value, unit) in values.items():
            yield Datum(
                resource=arn,
                namespace="AWS/ElastiCache",
                name=name,
                dimensions={"CacheClusterId": node},
                value=value,
                unit=unit,
            )
