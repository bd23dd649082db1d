"""What to do next for one task: decided from its definition and from what Docker runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from localstack_dataplane.containers import Container
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition

KILLED = 137
"""Exit code of a container that was killed or removed behind our back."""


@dataclass(frozen=True)
class StartNetwork:
    """Start the container that holds the task's network namespace."""


@dataclass(frozen=True)
class StartContainer:
    """Create and start a container."""

    name: str


@dataclass(frozen=True)
class RestartContainer:
    """Start an exited container again: its restart policy says so."""

    name: str


@dataclass(frozen=True)
class SignalContainer:
    """Send TERM, or KILL once the stop timeout is over."""

    name: str
    signal: str


@dataclass(frozen=True)
class StopTask:
    """The task has to stop; the code and the reason are those of the ECS API."""

    code: str
    reason: str


@dataclass(frozen=True)
class RemoveTask:
    """Nothing of the task runs any more: remove its containers."""


Step = StartNetwork | StartContainer | RestartContainer | SignalContainer | StopTask | RemoveTask


@dataclass(frozen=True, kw_only=True)
class TaskView:
    """One task as it is now.

    Attributes:
        definition: With the overrides applied.
        stopping: Whether its desired status is STOPPED.
        drained: Whether no load balancer sends it requests any more.
        network: Its pause container; None before it was made.
        containers: Name -> container, of those that exist.
        created: Names of the containers that were made once: one of them that is missing was removed.
        signalled: Name -> when SIGTERM was sent.
        notice_ends: When a Spot interruption ends it at the latest; None without one.
    """

    definition: TaskDefinition
    stopping: bool = False
    drained: bool = True
    network: Container | None = None
    containers: Mapping[str, Container] = field(default_factory=dict)
    created: frozenset[str] = frozenset()
    signalled: Mapping[str, datetime] = field(default_factory=dict)
    notice_ends: datetime | None = None


def next_steps(task: TaskView, now: datetime) -> list[Step]:
    """The steps to make now; empty when there is nothing to do but wait."""
    return _stopping_steps(task, now) if task.stopping else _running_steps(task, now)


def _running_steps(task: TaskView, now: datetime) -> list[Step]:
    if task.network is None and not task.created:
        return [StartNetwork()]
    if task.network is None or not task.network.running:
        return [StopTask("EssentialContainerExited", "The network namespace of the task is gone")]
    steps: list[Step] = []
    for definition in task.definition.containers:
        container = task.containers.get(definition.name)
        if container is None and definition.name not in task.created:
            verdict = _dependency_verdict(task, definition, now)
            if isinstance(verdict, StopTask):
                return [verdict]
            steps += [StartContainer(definition.name)] if verdict else []
        elif container is None or container.exited:
            if container is not None and may_restart(definition, container):
                steps.append(RestartContainer(definition.name))
            elif definition.essential:
                return [StopTask("EssentialContainerExited", "Essential container in task exited")]
    if not steps and all(_over(task, definition) for definition in task.definition.containers):
        return [StopTask("EssentialContainerExited", "All containers of the task exited")]
    return steps


def _over(task: TaskView, definition: ContainerDefinition) -> bool:
    container = task.containers.get(definition.name)
    return definition.name in task.created and (container is None or container.exited)


def may_restart(definition: ContainerDefinition, container: Container) -> bool:
    """Whether the restart policy lets an exited container start again.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html: one that exits
    before it ran for the attempt period is not restarted.
    """
    policy = definition.restart_policy
    if not policy.enabled or container.exit_code in policy.ignored_exit_codes:
        return False
    if container.started_at is None or container.finished_at is None:
        return False
    return (container.finished_at - container.started_at).total_seconds() >= policy.attempt_period


def _dependency_verdict(task: TaskView, definition: ContainerDefinition, now: datetime) -> bool | StopTask:
    """True: start it; False: wait; StopTask: what it waits for can no longer happen."""
    dependencies = {**dict.fromkeys(definition.volumes_from, "START"), **definition.depends_on}
    for name, condition in dependencies.items():
        if name not in task.created:
            return False
        dependency = task.definition.container(name)
        container = task.containers.get(name)
        met = _condition_met(condition, container)
        if met is False or _timed_out(met, dependency, container, now):
            if not definition.essential:
                return False
            return StopTask(
                "TaskFailedToStart",
                f"Container {definition.name} cannot start: its dependency {name} did not reach {condition}",
            )
        if met is None:
            return False
    return True


def _timed_out(
    met: bool | None, dependency: ContainerDefinition, container: Container | None, now: datetime
) -> bool:
    if (
        met is not None
        or dependency.start_timeout is None
        or container is None
        or container.started_at is None
    ):
        return False
    return (now - container.started_at).total_seconds() > dependency.start_timeout


def _condition_met(condition: str, container: Container | None) -> bool | None:
    """None: not yet; False: never."""
    if container is None:
        return False
    if condition == "START":
        return True if container.running or container.exited else None
    if condition == "COMPLETE":
        return True if container.exited else None
    if condition == "SUCCESS":
        return container.exit_code == 0 if container.exited else None
    if container.exited or container.health == "unhealthy":
        return False
    return True if container.health == "healthy" else None


def _stopping_steps(task: TaskView, now: datetime) -> list[Step]:
    if not task.drained:
        return []
    running = {name for name, container in task.containers.items() if container.running}
    if not running:
        return [RemoveTask()]
    if task.notice_ends and now >= task.notice_ends:
        return [SignalContainer(name, "KILL") for name in sorted(running)]
    steps: list[Step] = []
    for name in sorted(running - set(_needed(task.definition, running))):
        since = task.signalled.get(name)
        if since is None:
            steps.append(SignalContainer(name, "TERM"))
        elif (now - since).total_seconds() >= task.definition.container(name).stop_timeout:
            steps.append(SignalContainer(name, "KILL"))
    return steps


def _needed(definition: TaskDefinition, running: set[str]) -> Iterator[str]:
    """Containers that a running one depends on: they stop after it."""
    for container in definition.containers:
        if container.name in running:
            yield from container.depends_on


def last_status(task: TaskView, previous: str) -> str:
    """The task's status in the words of the ECS API."""
    if task.stopping:
        if not task.drained:
            return "DEACTIVATING"
        running = any(container.running for container in task.containers.values())
        return "STOPPING" if running else "DEPROVISIONING"
    if previous == "RUNNING":
        return "RUNNING"
    if task.network is None:
        return "PROVISIONING"
    started = [
        container.running or container.exited
        for definition in task.definition.containers
        if (container := task.containers.get(definition.name))
    ]
    return "RUNNING" if len(started) == len(task.definition.containers) and all(started) else "PENDING"


def container_health(definition: ContainerDefinition, container: Container | None) -> str:
    """HEALTHY, UNHEALTHY or UNKNOWN; without a health check of the task definition always UNKNOWN."""
    if definition.health_check is None or container is None or not container.running:
        return "UNKNOWN"
    return {"healthy": "HEALTHY", "unhealthy": "UNHEALTHY"}.get(container.health or "", "UNKNOWN")


def task_health(task: TaskView) -> str:
    """Health of the task: that of its essential containers with a health check."""
    healths = {
        container_health(definition, task.containers.get(definition.name))
        for definition in task.definition.containers
        if definition.essential and definition.health_check
    }
    if "UNHEALTHY" in healths:
        return "UNHEALTHY"
    return "HEALTHY" if healths == {"HEALTHY"} else "UNKNOWN"
