"""ECS: keeps the tasks of services and of RunTask running as containers."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

from localstack_dataplane.clock import now
from localstack_dataplane.config import LABEL_PREFIX
from localstack_dataplane.containers import Container, DockerError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.instances import Instances
from localstack_dataplane.ecs.launch import VOLUME_KIND
from localstack_dataplane.ecs.lifecycle import StartContainer, Step, StopTask, next_steps
from localstack_dataplane.ecs.networks import Networks
from localstack_dataplane.ecs.observe import by_task, derive, observe
from localstack_dataplane.ecs.runner import TaskRunner
from localstack_dataplane.ecs.services import ServiceKeeper, ServiceState
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.targets import Targets
from localstack_dataplane.ecs.task import Task

LOG = logging.getLogger(__name__)

_WORKERS = 8


class EcsState(ServiceState, Protocol):
    """What the controller needs of the recorded state."""

    def has_clusters(self) -> bool:
        """Whether there is a cluster that tasks can run in."""
        ...

    def write_clusters(self, counts: Mapping[tuple[str, str, str], tuple[int, int]]) -> None:
        """Write back running and pending tasks of clusters."""
        ...


class EcsController:
    """One pass observes every task, plans every service, and lets workers carry out the next steps.

    Args:
        docker: Where the containers run.
        state: Services and task definitions.
        tasks: The tasks; RunTask and StopTask change it, too.
        runner: Carries out steps.
        targets: Target groups.
        instances: Cloud Map.
        networks: Network namespaces of tasks.
        events: EventBridge.
        wake: Makes the next pass start now.
    """

    name = "ecs"

    def __init__(
        self,
        *,
        docker: DockerHost,
        state: EcsState,
        tasks: TaskStore,
        runner: TaskRunner,
        targets: Targets,
        instances: Instances,
        networks: Networks,
        events: Events,
        wake: Callable[[], None],
    ) -> None:
        self._docker, self._state, self._tasks = docker, state, tasks
        self._runner, self._targets, self._instances = runner, targets, instances
        self._networks, self._events, self._wake = networks, events, wake
        self._stocking: Future[None] | None = None
        self._keeper = ServiceKeeper(state, tasks, targets, events)
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="dataplane-ecs")

    def reconcile(self) -> None:
        """One pass."""
        moment = now()
        idle = [task for task in self._tasks.active() if not task.busy]
        known = {task.id for task in self._tasks.active()}
        containers = self._docker.containers()
        observed = by_task(containers)
        self._networks.observe(containers)
        for task in idle:
            self._events.task(task)  # as the API made or changed it
            observe(task, observed.get(task.id, ()))
            self._judge(task, moment)
            self._events.task(task)
        self._remove_orphans({key: found for key, found in observed.items() if key not in known})
        services = self._state.services()
        for service in services:
            self._keeper.reconcile(service, moment)
        self._instances.publish(services, self._tasks.active())
        for task in idle:
            self._advance(task, moment)
        self._write_clusters()
        self._keep_networks_ready()
        self._tasks.forget_old()

    def close(self) -> None:
        """Let the workers finish what they do and start nothing more."""
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._runner.close()

    def _keep_networks_ready(self) -> None:
        """Make one more when no task starts, which would have to share the machine with it."""
        if not self._state.has_clusters():
            self._networks.remove_all()
            return
        if self._stocking is not None and not self._stocking.done():
            return
        if self._networks.missing and not any(task.pending for task in self._tasks.active()):
            self._stocking = self._workers.submit(self._networks.make_one)

    def _remove_orphans(self, orphans: Mapping[str, list[Container]]) -> None:
        """Containers of tasks nobody knows are from a LocalStack that forgot them when it ended."""
        for task_id, containers in orphans.items():
            LOG.info("Removing the containers of task %s, which no longer exists", task_id)
            for container in containers:
                try:
                    self._docker.remove(container.id)
                except DockerError as error:  # must not keep the tasks there are from running
                    LOG.warning("A container of a forgotten task stays for now: %s", error)
        if orphans:
            self._remove_orphaned_volumes({task.id for task in self._tasks.active()})

    def _remove_orphaned_volumes(self, known: set[str]) -> None:
        for name, labels in self._docker.volumes(VOLUME_KIND).items():
            if labels.get(f"{LABEL_PREFIX}.task") not in known:
                self._docker.remove_volume(name)

    def _judge(self, task: Task, moment: datetime) -> None:
        """Stop a task that cannot go on, before its service is planned: it needs a successor at once."""
        for step in next_steps(task.view(), moment):
            if isinstance(step, StopTask):
                task.stop(step.code, step.reason)
                derive(task)
                LOG.info("Task %s (%s) stops: %s%s", task.id, task.group, step.reason, _exits(task))

    def _advance(self, task: Task, moment: datetime) -> None:
        if task.stopping:
            self._targets.register(task, set())
            serving = any(container.running for container in task.observed.values())
            # A Spot interruption does not wait for load balancers: its notice has begun.
            holds = serving and task.notice_ends is None
            task.drained = not (holds and self._targets.still_draining(task))
        steps = next_steps(task.view(), moment)
        if steps:
            task.busy = True
            self._workers.submit(self._carry_out, task, steps)

    def _carry_out(self, task: Task, steps: list[Step]) -> None:
        """Carry out steps, and what can be started after them: the next pass is not waited for."""
        before = _progress(task)
        try:
            while steps:
                self._runner.perform(task, steps)
                steps = self._starts_to_go_on_with(task)
        except Exception:
            LOG.exception("Task %s: a step failed unexpectedly", task.id)
            task.stop("TaskFailedToStart", "InternalError: the data plane failed; see LocalStack's log")
        finally:
            self._events.task(task)
            task.busy = False
            if _progress(task) != before:
                self._wake()  # passes have left the task alone meanwhile, whatever Docker reported

    def _starts_to_go_on_with(self, task: Task) -> list[Step]:
        if task.stopping or task.last_status == "RUNNING":
            return []
        observe(task, [item for item in (task.network, *task.observed.values()) if item is not None])
        self._events.task(task)
        steps = next_steps(task.view(), now())
        return steps if all(isinstance(step, StartContainer) for step in steps) else []

    def _write_clusters(self) -> None:
        counts: dict[tuple[str, str, str], tuple[int, int]] = {}
        for task in self._tasks.active():
            key = (task.account, task.region, task.cluster)
            running, pending = counts.get(key, (0, 0))
            if task.last_status == "RUNNING":
                running += 1
            pending += task.pending
            counts[key] = (running, pending)
        self._state.write_clusters(counts)


def _progress(task: Task) -> tuple[object, ...]:
    """What a step changes, unless it has to be tried again."""
    restarts = [record.restarts for record in task.containers.values()]
    return task.last_status, task.stopping, dict(task.observed), dict(task.signalled), restarts


def _exits(task: Task) -> str:
    ended = {name: item.exit_code for name, item in task.containers.items() if item.status == "STOPPED"}
    exits = [f"{name} {code}" for name, code in ended.items()]
    return f" (exit codes: {', '.join(exits)})" if exits else ""
