"""What to do next for one service: which tasks to start and to stop, and how its deployments stand."""

import math
from dataclasses import dataclass, field
from datetime import datetime

_FREE_FAILURES = 2
_LONGEST_DELAY = 60.0


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployment of a service.

    Attributes:
        id: As in the API, `ecs-svc/<number>`; tasks carry it as `startedBy`.
        primary: Whether it is the one that is wanted.
        state: IN_PROGRESS, COMPLETED or FAILED.
        failed_tasks: Tasks that stopped before they were healthy, since the last one that became so.
        last_failure: When the last of them stopped; None if none did.
        reason: Why it is in this state, in the words of the API.
        announced: Whether EventBridge was told that it is in progress.
    """

    id: str
    primary: bool
    state: str = "IN_PROGRESS"
    failed_tasks: int = 0
    last_failure: datetime | None = None
    reason: str = ""
    announced: bool = False


@dataclass(frozen=True, kw_only=True)
class TaskSummary:
    """One task of the service that is not to stop.

    Attributes:
        id: Its id.
        deployment: Id of the deployment it belongs to.
        running: Whether its last status is RUNNING.
        healthy: Whether it counts as healthy: running, its health checks and its targets agree.
        unhealthy: Why it has to be replaced; empty if it has not.
        created_at: When it was made.
        protected: Whether scale-in and deployments have to leave it alone.
    """

    id: str
    deployment: str
    running: bool
    healthy: bool
    created_at: datetime
    unhealthy: str = ""
    protected: bool = False


@dataclass(frozen=True, kw_only=True)
class ServiceView:
    """One service as it is wanted and as it is.

    Attributes:
        name: Its name, for messages.
        desired: Wanted number of tasks; 0 while it drains.
        minimum_percent: Healthy tasks to keep while deploying, in percent of `desired`, rounded up.
        maximum_percent: Tasks allowed while deploying, in percent of `desired`, rounded down.
        deployments: The primary one and those it replaces.
        tasks: Tasks whose desired status is RUNNING.
        stopping: How many tasks are on their way to STOPPED.
        circuit_breaker: Whether failing tasks fail the deployment.
        rollback: Whether a failed deployment goes back to the last completed one.
    """

    name: str
    desired: int
    deployments: tuple[Deployment, ...]
    minimum_percent: int = 100
    maximum_percent: int = 200
    tasks: tuple[TaskSummary, ...] = ()
    stopping: int = 0
    circuit_breaker: bool = False
    rollback: bool = False

    @property
    def primary(self) -> Deployment:
        """The deployment that is wanted."""
        return next(deployment for deployment in self.deployments if deployment.primary)


@dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """What to do now.

    Attributes:
        start: How many tasks of the primary deployment to start.
        stop: Task id -> reason.
        at_rest: Whether all is as wanted.
        completed: Whether the primary deployment has just come to rest.
        failed: Why the primary deployment has just failed; empty if it has not.
        rollback: Whether to go back to the last completed deployment.
        retired: Ids of older deployments without tasks.
    """

    start: int = 0
    stop: dict[str, str] = field(default_factory=dict)
    at_rest: bool = False
    completed: bool = False
    failed: str = ""
    rollback: bool = False
    retired: tuple[str, ...] = ()


def plan_service(service: ServiceView, now: datetime) -> ServicePlan:
    """Decide the next step of a service; called again and again, each step moves it towards the end."""
    primary = service.primary
    if _breaks(service):
        return ServicePlan(
            failed="tasks failed to start.",
            rollback=service.rollback and any(not item.primary for item in service.deployments),
        )
    stop = {task.id: task.unhealthy for task in service.tasks if task.unhealthy}
    live = [task for task in service.tasks if task.id not in stop]
    mine = [task for task in live if task.deployment == primary.id]
    older = [task for task in live if task.deployment != primary.id]
    stop |= _surplus(service, mine)
    mine = [task for task in mine if task.id not in stop]
    stop |= _replaced(service, mine, older)
    kept = len(mine) + sum(task.id not in stop for task in older)
    # A stopping task keeps its place: with a maximum of 100 % it ends before its successor starts.
    room = _ceiling(service) - kept - len(stop) - service.stopping
    start = 0 if _held_back(service, now) else max(0, min(service.desired - len(mine), room))
    at_rest = (
        not older
        and not stop
        and start == 0
        and len(mine) == service.desired
        and all(task.healthy for task in mine)
    )
    return ServicePlan(
        start=start,
        stop=stop,
        at_rest=at_rest,
        completed=at_rest and primary.state == "IN_PROGRESS",
        retired=_retired(service) if at_rest else (),
    )


def failure_threshold(desired: int) -> int:
    """Failed tasks that trip the circuit breaker: half of the wanted ones, at least 3, at most 200.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    return min(max(math.ceil(desired * 0.5), 3), 200)


def start_delay(failed_tasks: int) -> float:
    """Seconds from a failure to the next start: ECS throttles a service whose tasks keep failing."""
    if failed_tasks <= _FREE_FAILURES:
        return 0.0
    return float(min(2 ** (failed_tasks - _FREE_FAILURES), _LONGEST_DELAY))


def _breaks(service: ServiceView) -> bool:
    primary = service.primary
    return (
        service.circuit_breaker
        and primary.state == "IN_PROGRESS"
        and primary.failed_tasks >= failure_threshold(service.desired)
    )


def _held_back(service: ServiceView, now: datetime) -> bool:
    primary = service.primary
    if primary.state == "FAILED":
        return True
    if primary.last_failure is None:
        return False
    return (now - primary.last_failure).total_seconds() < start_delay(primary.failed_tasks)


def _ceiling(service: ServiceView) -> int:
    return max(math.floor(service.desired * service.maximum_percent / 100), 1 if service.desired else 0)


def _surplus(service: ServiceView, mine: list[TaskSummary]) -> dict[str, str]:
    """Scale in: those that do not run first, then those that are not healthy, then the youngest.

    Protected ones stay, even if they are too many.
    """
    excess = len(mine) - service.desired
    if excess <= 0:
        return {}
    free = [task for task in mine if not task.protected]
    order = sorted(free, key=lambda task: (task.running, task.healthy, -task.created_at.timestamp()))
    return {task.id: _scaling(service) for task in order[:excess]}


def _replaced(service: ServiceView, mine: list[TaskSummary], older: list[TaskSummary]) -> dict[str, str]:
    """Tasks of older deployments that may go without falling below the minimum of healthy tasks.

    Those go that are too many, and those whose place a successor needs. Protected ones stay: the deployment
    waits for them.
    """
    if service.primary.state == "FAILED":
        return {}
    present = len(mine) + len(older)
    too_many = present - service.desired
    in_the_way = (service.desired - len(mine)) - (_ceiling(service) - present)
    spare = sum(task.healthy for task in [*mine, *older]) - math.ceil(
        service.desired * service.minimum_percent / 100
    )
    stop: dict[str, str] = {}
    free = [task for task in older if not task.protected]
    for task in sorted(free, key=lambda item: (item.healthy, item.created_at)):
        if len(stop) >= max(too_many, in_the_way) or (task.healthy and spare <= 0):
            break
        stop[task.id] = _scaling(service)
        spare -= task.healthy
    return stop


def _scaling(service: ServiceView) -> str:
    return f"Scaling activity initiated by (deployment {service.primary.id})"


def _retired(service: ServiceView) -> tuple[str, ...]:
    if service.stopping:
        return ()
    return tuple(deployment.id for deployment in service.deployments if not deployment.primary)
