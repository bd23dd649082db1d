"""What Docker shows, written into the records of tasks."""

from collections.abc import Iterable

from localstack_dataplane.clock import now
from localstack_dataplane.containers import Container
from localstack_dataplane.ecs.launch import CONTAINER_KIND
from localstack_dataplane.ecs.lifecycle import KILLED, container_health, last_status, task_health
from localstack_dataplane.ecs.networks import KIND as NETWORK_KIND
from localstack_dataplane.ecs.networks import owner
from localstack_dataplane.ecs.task import Task


def by_task(containers: Iterable[Container]) -> dict[str, list[Container]]:
    """Task id -> its containers, the one of its network included."""
    found: dict[str, list[Container]] = {}
    for container in containers:
        task = owner(container) if container.label("kind") in {CONTAINER_KIND, NETWORK_KIND} else ""
        if task:
            found.setdefault(task, []).append(container)
    return found


def observe(task: Task, containers: Iterable[Container]) -> None:
    """Take what Docker shows into a task's record: containers, status, health."""
    task.network, task.observed = None, {}
    for container in containers:
        if container.label("kind") == NETWORK_KIND:
            task.network = container
            task.address = container.address or task.address
        else:
            task.observed[container.label("container")] = container
    for definition in task.definition.containers:
        record, seen = task.containers[definition.name], task.observed.get(definition.name)
        record.health = container_health(definition, seen)
        if seen is not None:
            record.runtime_id = seen.id
        if seen is not None and seen.running:
            record.status, record.exit_code, record.reason = "RUNNING", None, ""
        elif record.runtime_id and (seen is None or seen.exited):
            record.status = "STOPPED"
            record.exit_code = KILLED if seen is None or seen.exit_code is None else seen.exit_code
            if seen is not None and seen.oom_killed:
                record.reason = "OutOfMemoryError: Container killed due to memory usage"
    derive(task)


def derive(task: Task) -> None:
    """Bring status and health of a task up to date with what is known of its containers."""
    moment, view = now(), task.view()
    task.last_status = last_status(view, task.last_status)
    if task.last_status == "RUNNING" and task.started_at is None:
        task.started_at = moment
    task.health = task_health(view)
    task.was_healthy = task.was_healthy or task.health == "HEALTHY"
