"""Tasks in Cloud Map: an instance for each task that runs, with its health.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from localstack_dataplane.ecs.service import Service, ServiceRegistry
from localstack_dataplane.ecs.task import Task


@dataclass(frozen=True, kw_only=True)
class TaskInstance:
    """What of a task is in Cloud Map.

    Attributes:
        attributes: As DiscoverInstances shows them.
        healthy: Whether its containers' health checks say so; a task without any is.
    """

    attributes: Mapping[str, str]
    healthy: bool


Wanted = Mapping[str, Mapping[str, TaskInstance]]
"""ARN of a Cloud Map service -> instance id -> instance."""


class Registry(Protocol):
    """What is needed of Cloud Map."""

    def sync(self, wanted: Wanted) -> None:
        """Make the instances that ECS registered those that are wanted."""
        ...


def wanted_instances(
    services: Iterable[Service], tasks: Iterable[Task]
) -> dict[str, dict[str, TaskInstance]]:
    """ARN of a Cloud Map service -> task id -> instance, of the tasks that run.

    A task that has to stop has none, so that its name does not lead to it.
    """
    tasks = list(tasks)
    wanted: dict[str, dict[str, TaskInstance]] = {}
    for service in services:
        mine = [
            task
            for task in tasks
            if not task.stopping
            and task.last_status == "RUNNING"
            and task.address
            and task.service_key == (service.account, service.region, service.cluster, service.name)
        ]
        for registry in service.registries:
            wanted.setdefault(registry.arn, {}).update(
                {
                    task.id: TaskInstance(attributes=_attributes(task, registry), healthy=task.serving)
                    for task in mine
                }
            )
    return wanted


def _attributes(task: Task, registry: ServiceRegistry) -> dict[str, str]:
    port = {} if registry.port is None else {"AWS_INSTANCE_PORT": str(registry.port)}
    return {
        "AWS_INSTANCE_IPV4": task.address,
        **port,
        "AWS_INIT_HEALTH_STATUS": "UNHEALTHY" if task.has_health_check else "HEALTHY",
        "AVAILABILITY_ZONE": f"{task.region}a",
        "REGION": task.region,
        "ECS_CLUSTER_NAME": task.cluster,
        "ECS_SERVICE_NAME": task.service,
        "ECS_TASK_DEFINITION_FAMILY": task.definition.family,
    }


class Instances:
    """Keeps Cloud Map's instances up to date.

    Args:
        registry: Cloud Map.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._published: Wanted | None = None

    def publish(self, services: Iterable[Service], tasks: Iterable[Task]) -> None:
        """Register and deregister what changed."""
        wanted = wanted_instances(services, tasks)
        if wanted != self._published:
            self._registry.sync(wanted)
            self._published = wanted
