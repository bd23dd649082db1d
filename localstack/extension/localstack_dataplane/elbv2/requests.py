"""What Elastic Load Balancing refuses, with its error codes.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Operations.html
"""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from localstack_dataplane.elbv2.model import Target

Request = Mapping[str, Any]

_HEALTH_CHECK_RANGES = {
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
    "HealthCheckIntervalSeconds": ("Health check interval", 5, 300),
    "HealthCheckTimeoutSeconds": ("Health check timeout", 2, 120),
    "HealthyThresholdCount": ("Healthy threshold count", 2, 10),
    "UnhealthyThresholdCount": ("Unhealthy threshold count", 2, 10),
}
_STATUS_CODES = re.compile(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*")
_LONGEST_NAME = 32
_LARGEST_PORT = 65535
_LAST_PRIORITY = 50000
_VALUES_OF_A_RULE = 5


class RequestError(Exception):
    """A request that is refused.

    Args:
        code: AWS's error code.
        message: Why.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def check_name(name: str) -> None:
    """Names of load balancers.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    problem = ""
    if len(name) > _LONGEST_NAME:
        problem = f"cannot be longer than '{_LONGEST_NAME}' characters"
    elif not re.fullmatch(r"[A-Za-z0-9-]+", name):
        problem = "can only contain characters that are alphanumeric characters or hyphens(-)"
    elif name.startswith("-") or name.endswith("-"):
        problem = "cannot begin or end with '-'"
    elif name.startswith("internal-"):
        problem = "cannot begin with 'internal-'"
    if problem:
        raise RequestError("ValidationError", f"The load balancer name '{name}' {problem}")


def check_zones(zones: Iterable[str]) -> None:
    """An Application Load Balancer is in two zones at least, with one subnet in each."""
    zones = list(zones)
    if len(set(zones)) < len(zones):
        raise RequestError(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if len(zones) < 2:
        raise RequestError(
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
        )


def check_health(request: Request) -> None:
    """Health checks of CreateTargetGroup and ModifyTargetGroup."""
    for key, (words, low, high) in _HEALTH_CHECK_RANGES.items():
        value = request.get(key)
        if value is not None and not low <= int(value) <= high:
            raise RequestError("ValidationError", f"{words} '{value}' must be between '{low}' and '{high}'")
    codes = (request.get("Matcher") or {}).get("HttpCode")
    if codes and not _STATUS_CODES.fullmatch(codes):
        raise RequestError("ValidationError", f"Health check matcher HTTP code '{codes}' is not valid")
    path = request.get("HealthCheckPath")
    if path is not None and not path.startswith("/"):
        raise RequestError("ValidationError", f"Health check path '{path}' must begin with a '/' character")


def check_listener(request: Request, *, protocol: str, taken: Iterable[int], certified: bool) -> None:
    """CreateListener and ModifyListener.

    Args:
        request: What is asked for.
        protocol: The listener's when the request is carried out.
        taken: Ports of the load balancer's other listeners.
        certified: Whether the listener has a certificate already.
    """
    port = request.get("Port")
    if port is not None and not 1 <= int(port) <= _LARGEST_PORT:
        raise RequestError(
            "ValidationError",
            f"1 validation error detected: Value '{port}' at 'port' failed to satisfy constraint: "
            f"Member must have value less than or equal to {_LARGEST_PORT}",
        )
    if port is not None and int(port) in taken:
        raise RequestError(
            "DuplicateListener", "A listener already exists on this port for this load balancer"
        )
    if protocol == "HTTPS" and not (request.get("Certificates") or certified):
        raise RequestError("ValidationError", "A certificate must be specified for HTTPS listeners")


def check_priority(priority: int) -> None:
    """Priorities of rules."""
    if priority > _LAST_PRIORITY:
        raise RequestError(
            "ValidationError",
            f"1 validation error detected: Value '{priority}' at 'priority' failed to satisfy constraint: "
            f"Member must have value less than or equal to {_LAST_PRIORITY}",
        )


def check_conditions(conditions: Iterable[Request]) -> None:
    """How many values the conditions of a rule compare with.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
    """
    values = 0
    for condition in conditions:
        configurations = [found for key, found in condition.items() if key.endswith("Config")] or [condition]
        for found in configurations:
            values += len(found.get("Values") or ()) + len(found.get("RegexValues") or ())
            for expression in found.get("RegexValues") or ():
                _check_expression(expression)
    if values > _VALUES_OF_A_RULE:
        raise RequestError("ValidationError", f"A rule can only have '{_VALUES_OF_A_RULE}' condition values")


def _check_expression(expression: str) -> None:
    try:
        re.compile(expression)
    except re.error as error:
        raise RequestError(
            "ValidationError", f"The regular expression '{expression}' is not valid: {error}"
        ) from error


def without_expressions(conditions: Iterable[Request]) -> list[dict[str, Any]]:
    """Conditions whose regular expressions are written as values."""
    return [{key: _as_values(value) for key, value in condition.items()} for condition in conditions]


def _as_values(configuration: Any) -> Any:
    if not (isinstance(configuration, Mapping) and configuration.get("RegexValues")):
        return configuration
    rest = {key: value for key, value in configuration.items() if key != "RegexValues"}
    return {**rest, "Values": list(configuration["RegexValues"])}


def targets_asked(request: Request, *, target_type: str, default_port: int) -> list[Target]:
    """The targets of RegisterTargets and DeregisterTargets."""
    targets = []
    for item in request["Targets"]:
        identifier, port = str(item["Id"]), int(item.get("Port") or default_port)
        if target_type == "ip" and not _is_address(identifier):
            raise RequestError(
                "ValidationError", f"The IP address '{identifier}' is not a valid IPv4 or IPv6 address"
            )
        if target_type == "instance" and not identifier.startswith("i-"):
            raise RequestError(
                "InvalidTarget", f"The following targets are not valid instances: '{identifier}'"
            )
        if not 1 <= port <= _LARGEST_PORT:
            raise RequestError(
                "ValidationError", f"The port '{port}' must be between '1' and '{_LARGEST_PORT}'"
            )
        targets.append(Target(identifier, port))
    return targets


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
