"""Finds in the task definitions of a synthesized stack what ECS would refuse."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from synthesis import Synthesized

from kf_airflow.sizing import FARGATE_MEMORY_MIB

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
_LARGEST_BYTES = 65536
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
_SMALLEST_MIB = 6
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
_VARIABLE = re.compile(r"[^\s=\0]+")

Definition = dict[str, Any]


def unfit_tasks(stack: Synthesized) -> list[str]:
    """Returns a description of each thing in a task definition that ECS would refuse."""
    found = []
    for id_, task in stack.document.get("resource", {}).get("aws_ecs_task_definition", {}).items():
        containers = json.loads(task["container_definitions"])
        for walk in (_size, _containers, _environment, _ports, _order, _volumes):
            found += [f"{id_}: {problem}" for problem in walk(task, containers)]
    return found


def _size(task: Definition, containers: list[Definition]) -> Iterator[str]:
    cpu, memory = int(task["cpu"]), int(task["memory"])
    if memory not in FARGATE_MEMORY_MIB.get(cpu, ()):
        yield f"{cpu} CPU units with {memory} MiB"
    if len(task["container_definitions"].encode()) > _LARGEST_BYTES:
        yield f"{len(task['container_definitions'].encode())} bytes"
    for key, most in (("cpu", cpu), ("memoryReservation", memory)):
        taken = sum(container.get(key, 0) for container in containers)
        if taken > most:
            yield f"{key} {taken} of {most}"
    for container in containers:
        own, limit = container.get("memoryReservation", _SMALLEST_MIB), container.get("memory", memory)
        if not _SMALLEST_MIB <= own <= limit <= memory or container.get("cpu", 0) < 0:
            yield f"{container['name']}: {own} to {limit} MiB, {container.get('cpu')} CPU units"


def _containers(task: Definition, containers: list[Definition]) -> Iterator[str]:
    names = Counter(container["name"] for container in containers)
    yield from (f"{name!r} {times} times" for name, times in names.items() if times > 1)
    if not any(container["essential"] for container in containers):
        yield "no essential container"
    for container in containers:
        name, log = container["name"], container.get("logConfiguration", {})
        if not _NAME.fullmatch(name):
            yield f"a container is called {name!r}"
        if log.get("logDriver") != "awslogs" or not log["options"].get("awslogs-group"):
            yield f"{name}: no log"
        if not container["image"].strip():
            yield f"{name}: no image"


def _environment(task: Definition, containers: list[Definition]) -> Iterator[str]:
    for container in containers:
        variables = Counter(one["name"] for one in (*container["environment"], *container["secrets"]))
        for name, times in variables.items():
            if times > 1 or not _VARIABLE.fullmatch(name):
                yield f"{container['name']}: variable {name!r} {times} times"


def _ports(task: Definition, containers: list[Definition]) -> Iterator[str]:
    ports = Counter(port["containerPort"] for container in containers for port in container["portMappings"])
    for port, times in ports.items():
        if times > 1 or not 0 < port <= 65535:
            yield f"port {port} {times} times"


def _order(task: Definition, containers: list[Definition]) -> Iterator[str]:
    by_name = {container["name"]: container for container in containers}
    graph = {}
    for name, container in by_name.items():
        graph[name] = [one["containerName"] for one in container.get("dependsOn", [])]
        for one in container.get("dependsOn", []):
            awaited = by_name.get(one["containerName"])
            if awaited is None:
                yield f"{name} starts after {one['containerName']!r}, which is not there"
            elif one["condition"] == "HEALTHY" and "healthCheck" not in awaited:
                yield f"{name} waits for {one['containerName']!r} to be healthy, which nobody checks"
            elif one["condition"] in {"SUCCESS", "COMPLETE"} and awaited["essential"]:
                yield f"{name} waits for {one['containerName']!r} to end, and with it the task"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"each starts after the other: {error.args[1]}"


def _volumes(task: Definition, containers: list[Definition]) -> Iterator[str]:
    volumes = Counter(volume["name"] for volume in task.get("volume", []))
    for name, times in volumes.items():
        if times > 1 or not _NAME.fullmatch(name):
            yield f"volume {name!r} {times} times"
    for container in containers:
        mounts = container.get("mountPoints", [])
        paths = [mount["containerPath"] for mount in mounts]
        if len(set(paths)) < len(paths) or {mount["sourceVolume"] for mount in mounts} - set(volumes):
            yield f"{container['name']}: mounts {mounts}"
