"""Carries out the steps of a task: the part that talks to Docker."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import groupby

from localstack_dataplane.aws import Aws
from localstack_dataplane.clock import now
from localstack_dataplane.config import Config
from localstack_dataplane.containers import DockerError, ImageError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.ecs.definition import ContainerDefinition
from localstack_dataplane.ecs.launch import (
    container_arguments,
    labels,
    name_prefix,
    volume_labels,
    volume_name,
)
from localstack_dataplane.ecs.lifecycle import (
    RemoveTask,
    RestartContainer,
    SignalContainer,
    StartContainer,
    StartNetwork,
    Step,
    StopTask,
)
from localstack_dataplane.ecs.networks import KIND as NETWORK_KIND
from localstack_dataplane.ecs.networks import Networks
from localstack_dataplane.ecs.secret_values import SecretError, Secrets
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.logs import LogError, LogShipper, LogTarget

LOG = logging.getLogger(__name__)

_FAILED = "TaskFailedToStart"
_STARTING_AT_ONCE = 8


class TaskRunner:
    """Carries out steps; what fails stops the task with ECS's reason.

    Args:
        config: Settings of the data plane.
        docker: Where containers run.
        aws: Secrets Manager, SSM and CloudWatch Logs.
        logs: Sends what containers write.
        networks: Hands out network namespaces.
    """

    def __init__(
        self, config: Config, docker: DockerHost, aws: Aws, logs: LogShipper, networks: Networks
    ) -> None:
        self._config, self._docker, self._aws, self._logs = config, docker, aws, logs
        self._networks = networks
        self._starters = ThreadPoolExecutor(_STARTING_AT_ONCE, thread_name_prefix="dataplane-start")

    def adopt(self, task: Task) -> None:
        """Follow on with the logs of a task that the process before left running, or that ended meanwhile."""
        for name, record in task.containers.items():
            target = self._log_target(task, task.definition.container(name))
            if target and record.runtime_id:
                self._logs.resume(record.runtime_id, target)

    def perform(self, task: Task, steps: list[Step]) -> None:
        """Carry out steps in order, starts side by side; one that fails stops the task and ends the list."""
        for starts, group in groupby(steps, key=lambda step: isinstance(step, StartContainer)):
            together = list(group)
            carry_out = partial(self._succeeds, task)
            side_by_side = starts and len(together) > 1
            done = self._starters.map(carry_out, together) if side_by_side else map(carry_out, together)
            if not all(done):
                return

    def close(self) -> None:
        """Start nothing more."""
        self._starters.shutdown(wait=True, cancel_futures=True)

    def _succeeds(self, task: Task, step: Step) -> bool:
        try:
            self._perform(task, step)
        except (SecretError, LogError) as error:
            task.stop(_FAILED, str(error))
        except DockerError as error:
            if task.stopping:
                LOG.warning("Task %s: %s", task.id, error)
            task.stop(_FAILED, _reason(error))
        else:
            return True
        return False

    def _perform(self, task: Task, step: Step) -> None:
        match step:
            case StartNetwork():
                self._start_network(task)
            case StartContainer(name):
                self._start_container(task, task.definition.container(name))
            case RestartContainer(name):
                self._restart_container(task, task.definition.container(name))
            case SignalContainer(name, signal):
                task.signalled.setdefault(name, now())
                self._docker.signal(task.observed[name].id, signal)
            case StopTask(code, reason):
                task.stop(code, reason)
            case RemoveTask():
                self._remove(task)

    def _start_network(self, task: Task) -> None:
        task.secrets = Secrets(self._aws, task.account, task.region).environments(task.definition)
        for volume in task.definition.volumes:
            self._docker.ensure_volume(
                volume_name(self._config, task, volume), volume_labels(self._config, task)
            )
        network = self._networks.take(
            task.id, name_prefix(self._config, task), labels(self._config, task, NETWORK_KIND)
        )
        task.network, task.address = network, network.address

    def _start_container(self, task: Task, definition: ContainerDefinition) -> None:
        target = self._log_target(task, definition)
        if target and definition.log:
            self._logs.open(target, create_group=definition.log.create_group)
        record = task.containers[definition.name]
        try:
            container = self._docker.run(**container_arguments(self._config, task, definition))
        except DockerError as error:
            record.status, record.reason = "STOPPED", _reason(error)
            raise
        record.runtime_id = container.id
        task.observed[definition.name] = container
        task.secrets.pop(definition.name, None)
        if target:
            self._logs.follow(container.id, target)

    def _restart_container(self, task: Task, definition: ContainerDefinition) -> None:
        container = task.observed[definition.name]
        if not self._logs.drained(container.id):
            return  # the next pass tries again: two followers would mix up the order
        LOG.info(
            "Task %s: container %s exited with %s: restart", task.id, definition.name, container.exit_code
        )
        self._docker.start(container.id)
        task.containers[definition.name].restarts += 1
        target = self._log_target(task, definition)
        if target:
            self._logs.follow(container.id, target, since=_unix_time(container.finished_at))

    def _remove(self, task: Task) -> None:
        made = [record.runtime_id for record in task.containers.values() if record.runtime_id]
        if not all(self._logs.drained(container_id) for container_id in made):
            return  # the next pass tries again
        for container_id in made:
            self._docker.remove(container_id)
        if task.network:
            self._docker.remove(task.network.id)
        for volume in task.definition.volumes:
            self._docker.remove_volume(volume_name(self._config, task, volume))
        for record in task.containers.values():
            record.status = "STOPPED"
        task.network, task.secrets = None, {}
        task.last_status, task.stopped_at = "STOPPED", now()

    def _log_target(self, task: Task, definition: ContainerDefinition) -> LogTarget | None:
        log = definition.log
        if log is None:
            return None
        stream = f"{log.prefix}/{definition.name}/{task.id}" if log.prefix else task.id
        return LogTarget(task.account, log.region or task.region, log.group, stream)


def _reason(error: DockerError) -> str:
    kind = "CannotPullContainerError" if isinstance(error, ImageError) else "CannotStartContainerError"
    return f"{kind}: {error}"


def _unix_time(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
