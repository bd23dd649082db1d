"""The ECS API as LocalStack serves it: our operations where real tasks stand behind them, else moto's."""

from collections.abc import Callable
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto, call_moto_with_request

from localstack_dataplane.ecs.errors import EcsError
from localstack_dataplane.ecs.lookup import Lookup
from localstack_dataplane.ecs.service_deployment_operations import ServiceDeploymentOperations
from localstack_dataplane.ecs.service_operations import ServiceOperations
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task_operations import TaskOperations
from localstack_dataplane.moto_state.ecs import MotoEcs

Handler = Callable[[Any, Any], Any]


class EcsOperations:
    """Handlers of the ECS API; those that change something are acted on at once (see `plugin.py`).

    Args:
        state: Services, clusters and task definitions.
        tasks: The tasks.
    """

    def __init__(self, state: MotoEcs, tasks: TaskStore) -> None:
        lookup = Lookup(state, tasks)
        self._services = ServiceOperations(state, lookup, _moto)
        self._tasks = TaskOperations(state, tasks, lookup, _moto)
        self._deployments = ServiceDeploymentOperations(state, lookup)

    def overrides(self) -> dict[str, Handler]:
        """Operation -> handler."""
        handlers = self._services.overrides() | self._tasks.overrides() | self._deployments.overrides()
        return {operation: _explained(handler) for operation, handler in handlers.items()}


def _moto(context: Any, request: Any) -> Any:
    """Let moto answer: the request as it came, or one that was changed on the way."""
    if request is context.service_request:
        return call_moto(context)
    return call_moto_with_request(context, request)


def _explained(handler: Handler) -> Handler:
    def call(context: Any, request: Any) -> Any:
        try:
            return handler(context, request)
        except EcsError as error:
            raise CommonServiceException(error.code, str(error)) from error

    return call
