"""What the operations of the ECS API look up, with ECS's errors for what is not there."""

from collections.abc import Mapping
from typing import Any

from localstack_dataplane.ecs.definition import TaskDefinition
from localstack_dataplane.ecs.errors import EcsError, client_error, invalid
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.moto_state.ecs import MotoEcs, last_part

_ID_LENGTHS = (32, 36)


class Lookup:
    """Clusters, services, task definitions and tasks of the caller.

    Args:
        state: Services, clusters and task definitions.
        tasks: The tasks.
    """

    def __init__(self, state: MotoEcs, tasks: TaskStore) -> None:
        self._state, self._tasks = state, tasks

    def cluster(self, context: Any, request: Mapping[str, Any]) -> str:
        """Name of the cluster of a request."""
        name = last_part(request.get("cluster"))
        if not self._state.cluster_exists(context.account_id, context.region, name):
            raise EcsError("ClusterNotFoundException", "Cluster not found.")
        return name

    def service(self, context: Any, cluster: str, name: str) -> dict[str, Any]:
        """Document of a service, whatever its status."""
        document = self._state.document(context.account_id, context.region, cluster, name)
        if document is None:
            raise EcsError("ServiceNotFoundException", "Service not found.")
        return document

    def active_service(self, context: Any, cluster: str, name: str) -> dict[str, Any]:
        """Document of a service that is ACTIVE."""
        document = self.service(context, cluster, name)
        if document["status"] != "ACTIVE":
            raise EcsError("ServiceNotActiveException", "Service was not ACTIVE.")
        return document

    def definition(self, context: Any, name: str | None) -> TaskDefinition:
        """A task definition that can be run."""
        if not name:
            raise client_error("TaskDefinition can not be blank.")
        definition = self._state.active_task_definition(context.account_id, context.region, name)
        if definition is not None:
            return definition
        if self._state.task_definition_exists(context.account_id, context.region, name):
            raise client_error("TaskDefinition is inactive")
        raise client_error("TaskDefinition not found.")

    def tasks(self, context: Any, *, stopped: bool = False) -> list[Task]:
        """Tasks of every cluster.

        Args:
            context: Whose.
            stopped: Whether those that are STOPPED belong to them.
        """
        tasks = self._tasks.all() if stopped else self._tasks.active()
        return [task for task in tasks if (task.account, task.region) == (context.account_id, context.region)]

    def task(self, context: Any, cluster: str, name: str) -> Task | None:
        """A task by id or ARN; None if there is none."""
        task_id = last_part(name)
        if len(task_id) not in _ID_LENGTHS:
            raise invalid("taskId length should be one of [32,36]")
        task = self._tasks.get(task_id)
        if task is None or (task.account, task.region) != (context.account_id, context.region):
            return None
        return task if task.cluster == cluster else None


def arn(context: Any, kind: str, cluster: str, name: str) -> str:
    """ARN of a service or a task of a cluster."""
    return f"arn:aws:ecs:{context.region}:{context.account_id}:{kind}/{cluster}/{last_part(name)}"
