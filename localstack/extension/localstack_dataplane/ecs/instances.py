"""Tasks in Cloud Map: an instance for each task that serves."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from localstack_dataplane.ecs.service import Service
from localstack_dataplane.ecs.task import Task

Attributes = dict[str, str]


class Registry(Protocol):
    """What is needed of Cloud Map."""

    def sync(self, wanted: Mapping[str, Mapping[str, Attributes]]) -> None:
        """Make the instances that ECS registered those that are wanted.

        Args:
            wanted: ARN of a Cloud Map service -> instance id -> attributes.
        """
        ...


def wanted_instances(services: Iterable[Service], tasks: Iterable[Task]) -> dict[str, dict[str, Attributes]]:
    """ARN of a Cloud Map service -> task id -> attributes, of the tasks that serve.

    A task that is unhealthy or has to stop has no instance, so that its name does not lead to it.
    """
    tasks = list(tasks)
    wanted: dict[str, dict[str, Attributes]] = {}
    for service in services:
        mine = [
            task
            for task in tasks
            if task.serving
            and task.service_key == (service.account, service.region, service.cluster, service.name)
        ]
        for registry in service.registries:
            wanted.setdefault(registry, {}).update({task.id: _attributes(task) for task in mine})
    return wanted


def _attributes(task: Task) -> Attributes:
    return {
        "AWS_INSTANCE_IPV4": task.address,
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
        self._published: dict[str, dict[str, Attributes]] | None = None

    def publish(self, services: Iterable[Service], tasks: Iterable[Task]) -> None:
        """Register and deregister what changed."""
        wanted = wanted_instances(services, tasks)
        if wanted != self._published:
            self._registry.sync(wanted)
            self._published = wanted
