"""What ECS refuses in RunTask, CreateService and UpdateService."""

from collections.abc import Mapping, Sequence
from typing import Any

from localstack_dataplane.ecs.definition import TaskDefinition

_MOST_STARTED = 10


def placement_problem(
    request: Mapping[str, Any],
    definition: TaskDefinition,
    launch_type: str,
    network: Mapping[str, Any] | None,
) -> str:
    """Why tasks of this definition cannot be started as asked; empty if they can.

    Args:
        request: Of RunTask, CreateService or UpdateService.
        definition: What is to run.
        launch_type: FARGATE, also where capacity providers of Fargate are asked for, or EC2.
        network: The network configuration, of the request or of the service.
    """
    if launch_type == "FARGATE" and not definition.fits_fargate:
        return "Task definition does not support launch_type FARGATE."
    configuration = (network or {}).get("awsvpcConfiguration")
    if definition.network_mode == "awsvpc":
        if not configuration:
            return "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        if not configuration.get("subnets"):
            return "subnets can not be empty."
    elif configuration:
        return "Network Configuration is not valid for the given networkMode of this task definition."
    return _deployment_problem(request.get("deploymentConfiguration") or {}) or _balancer_problem(
        request.get("loadBalancers") or (), definition
    )


def run_problem(request: Mapping[str, Any], definition: TaskDefinition) -> str:
    """Why RunTask refuses a request, beside its placement; empty if it does not."""
    count = request.get("count")
    if count is not None and not 1 <= count <= _MOST_STARTED:
        return f"Count should be between 1 and {_MOST_STARTED}."
    names = {container.name for container in definition.containers}
    for override in (request.get("overrides") or {}).get("containerOverrides") or ():
        name = override.get("name")
        if name not in names:
            return f"Override for container named {name} is not a container in the TaskDefinition."
    return ""


def _deployment_problem(configuration: Mapping[str, Any]) -> str:
    minimum = configuration.get("minimumHealthyPercent")
    maximum = configuration.get("maximumPercent")
    if minimum == maximum == 100:
        return "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."
    if minimum is not None and maximum is not None and minimum > maximum:
        return "minimumHealthyPercent cannot be larger than maximumPercent."
    return ""


def _balancer_problem(balancers: Sequence[Mapping[str, Any]], definition: TaskDefinition) -> str:
    ports = {container.name: container.ports for container in definition.containers}
    for item in balancers:
        name, port = item.get("containerName") or "", item.get("containerPort")
        if name not in ports:
            return f"The container {name} does not exist in the task definition."
        if port not in ports[name]:
            return f"The container {name} did not have a container port {port} defined."
    return ""
