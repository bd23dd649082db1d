"""What ECS does not take of a container, or of the containers of a task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from kf_airflow.checks import HIGHEST_PORT, between, once
from kf_airflow.image_reference import given_image

if TYPE_CHECKING:
    from kf_airflow.containers import Container

# The longest Fargate waits between SIGTERM and SIGKILL, in seconds.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_timeout
MAXIMUM_STOP_TIMEOUT_SECONDS = 120

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_SMALLEST_MIB = 6
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
_MOST_CONTAINERS = 10
# Nothing can be told to a program under another name.
_VARIABLE = re.compile(r"[^\s=\0]+")


def check_container(container: Container) -> None:
    """Refuses a container that ECS does not take.

    Raises:
        ValueError: if it does not.
    """
    if not _NAME.fullmatch(container.name):
        raise ValueError(
            f"name is {container.name!r}: allowed are letters, digits, hyphens and underscores, at most 255"
        )
    given_image("image", container.image)
    _check_times(container)
    _check_variables(container)
    for port in container.ports:
        between("ports", port, 1, HIGHEST_PORT)
    once("ports", container.ports)
    _check_paths(container.writable_paths)
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html
    if container.open_files is not None:
        between("open_files", container.open_files, 1024, 1048576)
    _check_share(container)


def check_together(containers: Sequence[Container], *, cpu: int, memory_mib: int) -> None:
    """Refuses containers that ECS does not take in one task.

    Args:
        containers: The containers.
        cpu: CPU units of the task.
        memory_mib: Memory of the task in MiB.

    Raises:
        ValueError: if they have a name or a port in common, claim more than the task has, or wait for what
            never comes.
    """
    once("containers", [container.name for container in containers], each="each name")
    if len(containers) > _MOST_CONTAINERS:
        raise ValueError(f"a task has {len(containers)} containers: allowed are {_MOST_CONTAINERS}")
    once("ports", [port for container in containers for port in container.ports])
    _check_volumes(containers)
    claimed = sum(container.claimed_mib for container in containers)
    if claimed > memory_mib:
        raise ValueError(
            f"memory_mib is {memory_mib}: allowed are {claimed} and more, which the containers claim"
        )
    claimed = sum(container.cpu for container in containers)
    if claimed > cpu:
        raise ValueError(f"cpu is {cpu}: allowed are {claimed} and more, which the containers claim")
    _check_order({container.name: container for container in containers})


def _check_times(container: Container) -> None:
    between("stop_timeout_seconds", container.stop_timeout_seconds, 0, MAXIMUM_STOP_TIMEOUT_SECONDS)
    if container.restart_after_seconds is not None:
        between("restart_after_seconds", container.restart_after_seconds, 60, 1800)


def _check_variables(container: Container) -> None:
    for key in ("environment", "secrets"):
        for name in getattr(container, key):
            if not _VARIABLE.fullmatch(name):
                raise ValueError(
                    f"{key} has {name!r}: allowed are names of variables, without spaces and equals signs"
                )
    both = sorted(set(container.environment) & set(container.secrets))
    if both:
        raise ValueError(
            f"container {container.name!r} has {', '.join(both)} both in environment and in secrets"
        )


def _check_paths(paths: Sequence[str]) -> None:
    for path in paths:
        if not path.startswith("/") or not path.strip("/"):
            raise ValueError(f"writable_paths has {path!r}: allowed are absolute paths below /")
    once("writable_paths", paths)


def _check_share(container: Container) -> None:
    if container.cpu < 0:
        raise ValueError(f"cpu is {container.cpu}: allowed are 0 and more")
    own, most = container.memory_reservation_mib, container.memory_mib
    for key, value in (("memory_reservation_mib", own), ("memory_mib", most)):
        if value is not None and value < _SMALLEST_MIB:
            raise ValueError(f"{key} is {value}: allowed are {_SMALLEST_MIB} and more")
    if own is not None and most is not None and own > most:
        raise ValueError(f"memory_reservation_mib is {own}: allowed are up to {most}, which is memory_mib")


def _check_order(containers: dict[str, Container]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
    for name, container in containers.items():
        for other, condition in container.depends_on.items():
            awaited = containers.get(other)
            if awaited is None:
                raise ValueError(
                    f"depends_on of {name!r} has {other!r}: allowed are the containers of its task, "
                    f"{', '.join(containers)}"
                )
            if condition == "HEALTHY" and awaited.health_check is None:
                raise ValueError(f"depends_on of {name!r} has {other!r} as HEALTHY: it has no health_check")
            if condition in ("COMPLETE", "SUCCESS") and awaited.essential:
                raise ValueError(
                    f"depends_on of {name!r} has {other!r} as {condition}: allowed with essential = false, "
                    "for the task ends with a container that is essential"
                )
    try:
        TopologicalSorter({name: container.depends_on for name, container in containers.items()}).prepare()
    except CycleError as error:
        raise ValueError(f"depends_on goes in a circle: {' after '.join(error.args[1])}") from error


def _check_volumes(containers: Sequence[Container]) -> None:
    paths = [f"{container.name}:{path}" for container in containers for path in container.writable_paths]
    volumes = {name for container in containers for name in container.volumes}
    if len(volumes) < len(paths):
        raise ValueError(
            f"writable_paths are {', '.join(paths)}: allowed are paths that differ in letters or digits, "
            "for volumes are called by their containers and paths"
        )
