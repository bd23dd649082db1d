"""Metrics of DB instances, from PostgreSQL itself.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
"""

from collections.abc import Iterator

from localstack_dataplane.cloudwatch_metrics.controller import numbers, said_in
from localstack_dataplane.cloudwatch_metrics.datum import Datum
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.rds.controller import KIND
from localstack_dataplane.rds.state import RdsState

_GIB = 2**30


class RdsMetrics:
    """Measures DatabaseConnections and FreeStorageSpace: what was allocated, less what the data take.

    Args:
        docker: Runs the servers.
        state: The API's records.
    """

    def __init__(self, docker: DockerHost, state: RdsState) -> None:
        self._docker, self._state = docker, state

    def __call__(self) -> Iterator[Datum]:
        """Measure each instance whose server answers."""
        containers = {found.label("resource"): found for found in self._docker.containers(kind=KIND)}
        for instance in self._state.instances():
            container = containers.get(instance.arn)
            if container is None or not container.running:
                continue
            identity = container.id
            found = numbers(
                said_in(lambda: self._docker.exec(identity, ["postgres-metrics"]), instance.identifier)  # noqa: B023
            )
            if not found:
                continue
            free = max(0.0, instance.allocated_storage * _GIB - found["bytes"])
            for name, value, unit in (
                ("DatabaseConnections", found["connections"], "Count"),
                ("FreeStorageSpace", free, "Bytes"),
            ):
                yield Datum(
                    resource=instance.arn,
                    namespace="AWS/RDS",
                    name=name,
                    dimensions={"DBInstanceIdentifier": instance.identifier},
                    value=value,
                    unit=unit,
                )
