"""What LocalStack loads: the services it lacks, and the data plane behind them."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.connect import connect_to
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.http import Request, Response
from localstack.runtime import get_current_runtime
from localstack.runtime.hooks import on_infra_ready, on_infra_shutdown
from localstack.services.edge import ROUTER
from localstack.services.moto import call_moto
from localstack.services.plugins import Service, aws_provider

from localstack_dataplane import (
    alarm_evaluation,
    cloud_map_operations,
    elasticache_operations,
    elbv2_operations,
    event_logging,
    event_matching,
    rds_operations,
)
from localstack_dataplane.application_autoscaling.store import ScalingStore
from localstack_dataplane.application_autoscaling_operations import ApplicationAutoScalingOperations
from localstack_dataplane.aws import InternalAws
from localstack_dataplane.control import CONTROLS
from localstack_dataplane.control import PATH as CONTROL_PATH
from localstack_dataplane.dataplane import DataPlane
from localstack_dataplane.ecs.operations import EcsOperations
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.moto_state.ecs import MotoEcs
from localstack_dataplane.persistence_control import PERSISTENCE

LOG = logging.getLogger(__name__)

Handler = Callable[[Any, Any], Any]

_tasks = TaskStore()
_ecs_state = MotoEcs()
_scaling = ScalingStore()
_running: list[DataPlane] = []


def _wake(service: str) -> None:
    for plane in _running:
        # Its own controller alone for what is most urgent, and what no other one reads.
        plane.wake(*([service] if service == "ecs" else []))


def _moto(context: Any, request: Any) -> Any:  # noqa: ARG001 - the signature of a handler
    return call_moto(context)


def _waking(service: str, handler: Handler) -> Handler:
    """After a call that changes something the data plane acts at once instead of within a second."""

    def call(context: Any, request: Any) -> Any:
        response = handler(context, request)
        _wake(service)
        return response

    return call


def _service(name: str, overrides: Mapping[str, Handler]) -> Service:
    """A service answered by moto, but for the overrides."""
    model = load_service(name)
    table: dict[str, Handler] = {}
    for operation in model.operation_names:
        handler = overrides.get(operation, _moto)
        reads = operation.startswith(("Describe", "List", "Get"))
        table[operation] = handler if reads else _waking(name, handler)
    return Service(name, skeleton=Skeleton(model, table))


def _provider(api: str, overrides: Callable[[], Mapping[str, Handler]] = dict) -> Any:
    """What the entry point of a service names."""

    def create() -> Service:
        return _service(api, overrides())

    return aws_provider(api=api)(create)


application_autoscaling = _provider(
    "application-autoscaling",
    lambda: ApplicationAutoScalingOperations(
        _scaling, _ecs_state.status, InternalAws(connect_to)
    ).overrides(),
)
autoscaling = _provider("autoscaling")
ecr = _provider("ecr")
ecs = _provider("ecs", lambda: EcsOperations(_ecs_state, _tasks).overrides())
elasticache = _provider("elasticache", lambda: elasticache_operations.OVERRIDES)
elbv2 = _provider("elbv2", lambda: elbv2_operations.OVERRIDES)
rds = _provider("rds", lambda: rds_operations.OVERRIDES)
servicediscovery = _provider("servicediscovery", lambda: cloud_map_operations.OVERRIDES)


def _control(request: Request, name: str) -> Response:
    """Answer a request beside the API; see `control.py`."""
    status, document = CONTROLS.answer(request.method, name, request.get_data())
    response = Response(status=status)
    response.set_json(dict(document))
    return response


def _start() -> None:
    """Start the data plane. If that fails LocalStack ends, so that nobody waits for what will never run."""
    try:
        PERSISTENCE.add("tasks", _tasks.all, _tasks.restore)
        PERSISTENCE.add("scaling", _scaling.contents, _scaling.restore)
        plane = DataPlane.from_environment(
            _tasks, _ecs_state, _scaling, connect_to, changed=PERSISTENCE.saver.changed
        )
        alarm_evaluation.leave_scaling_alarms()
        alarm_evaluation.look_each_minute()
        event_logging.leave_out_events_without_rules()
        event_matching.match_as_eventbridge()
        plane.start()
    except Exception:
        LOG.exception("The data plane does not start, so LocalStack ends")
        get_current_runtime().exit(1)
        return
    _running.append(plane)
    ROUTER.add(f"{CONTROL_PATH}/<name>", _control)


def _stop() -> None:
    """Stop the data plane. What there is is saved first, for whoever asked may not wait for the rest."""
    PERSISTENCE.saver.stop()
    PERSISTENCE.saver.save_now()
    while _running:
        _running.pop().stop()
    PERSISTENCE.saver.save_now()


start_dataplane = on_infra_ready(name="start_dataplane")(_start)
stop_dataplane = on_infra_shutdown(name="stop_dataplane", priority=100)(_stop)
