"""What ECS refuses in a task definition.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from localstack_dataplane.ecs import fargate

_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")

_ESSENTIAL = "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"

CONDITIONS = ("START", "COMPLETE", "SUCCESS", "HEALTHY")


def normalized(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request with the sizes of the task in CPU units and MiB, as ECS keeps them: `1 vCPU` is 1024."""
    changed: dict[str, Any] = {}
    for member, size in (("cpu", fargate.cpu_units), ("memory", fargate.memory_mib)):
        value = size(request[member]) if request.get(member) else None
        if value is not None and str(value) != request[member]:
            changed[member] = str(value)
    return {**request, **changed} if changed else request


def definition_problem(request: Mapping[str, Any]) -> str:
    """Why ECS refuses to register a task definition; empty if it does not."""
    containers = request.get("containerDefinitions") or ()
    return _form_problem(request, containers) or _fargate_problem(request) or dependency_problem(containers)


def _form_problem(request: Mapping[str, Any], containers: Iterable[Mapping[str, Any]]) -> str:
    if not _FAMILY.fullmatch(request.get("family") or ""):
        return "Family contains invalid characters."
    if not containers:
        return "Container list cannot be empty."
    names = [item.get("name") or "" for item in containers]
    for item, name in zip(containers, names, strict=True):
        if not name:
            return "Container.name should not be null or empty."
        if names.count(name) > 1:
            return f"Container.name contains duplicates: {name}."
        if not item.get("image"):
            return "Container.image should not be null or empty."
    if all(item.get("essential") is False for item in containers):
        return "Task definition does not have any essential container."
    for member, size in (("cpu", fargate.cpu_units), ("memory", fargate.memory_mib)):
        if request.get(member) and size(request[member]) is None:
            return (
                f"Invalid '{member}' setting for task. For more information, see the Troubleshooting section "
                "of the Amazon ECS Developer Guide."
            )
    return ""


def _fargate_problem(request: Mapping[str, Any]) -> str:
    if "FARGATE" not in (request.get("requiresCompatibilities") or ()):
        return ""
    if request.get("networkMode") != "awsvpc":
        return "Fargate only supports network mode 'awsvpc'."
    for member in ("cpu", "memory"):
        if not request.get(member):
            return f"Fargate requires that '{member}' be defined at the task level."
    cpu, memory = fargate.cpu_units(request["cpu"]), fargate.memory_mib(request["memory"])
    if not fargate.takes(cpu, memory):
        return (
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon "
            "ECS documentation for the valid values."
        )
    if not request.get("executionRoleArn"):
        for container in request["containerDefinitions"]:
            if (container.get("logConfiguration") or {}).get("logDriver") == "awslogs":
                return (
                    "Fargate requires task definition to have execution role ARN to support log driver "
                    "awslogs."
                )
            if container.get("secrets"):
                return (
                    "When you are specifying container secrets, you must also specify a value for "
                    "'executionRoleArn'."
                )
    return ""


def dependency_problem(containers: Iterable[Mapping[str, Any]]) -> str:
    """Why ECS refuses the containers' dependencies; empty if it does not.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
    The words of the first two are from https://github.com/eagletmt/hako/pull/99 and
    https://github.com/boto/boto3/issues/2436.
    """
    documents = {item.get("name", ""): item for item in containers}
    for name, item in documents.items():
        for entry in item.get("dependsOn") or ():
            other, condition = entry["containerName"], entry["condition"]
            if other not in documents:
                return f"Cannot depend on container + '{other}' because it does not exist"
            if condition not in CONDITIONS:
                return (
                    f"Container {name} depends on {other} with {condition}; it has to be one of {CONDITIONS}."
                )
            if condition in {"COMPLETE", "SUCCESS"} and documents[other].get("essential", True):
                return _ESSENTIAL
            if condition == "HEALTHY" and not documents[other].get("healthCheck"):
                return f"Container {name} waits for {other} to be healthy, which has no health check."
    return _cycle(
        {
            name: [entry["containerName"] for entry in item.get("dependsOn") or ()]
            for name, item in documents.items()
        }
    )


def _cycle(edges: Mapping[str, list[str]]) -> str:
    done: set[str] = set()
    while ready := [name for name, needed in edges.items() if name not in done and done.issuperset(needed)]:
        done.update(ready)
    left = sorted(edges.keys() - done)
    return f"The dependencies of the containers {', '.join(left)} form a cycle." if left else ""
