"""Whether AWS's command line has a command, by the model of its services that botocore carries."""

from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

# What the command line has besides the services' own operations.
# https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html
_OWN = {("logs", "tail"): {"--since", "--follow", "--format", "--filter-pattern"}}
_GLOBAL = {"--region", "--profile", "--output", "--query", "--endpoint-url", "--no-cli-pager"}
# What the model of the services has otherwise than the command line.
_SWITCHES = {("ecs", "execute-command"): {"--interactive"}}


def aws_problem(words: tuple[str, ...], *, complete: bool) -> str | None:
    """Returns what is wrong with a command; None if nothing is.

    Args:
        words: The command without `aws`.
        complete: Whether all that the operation asks for has to be given.
    """
    service, operation, *rest = words
    if (service, operation) in _OWN:
        return _unknown(rest, _OWN[service, operation] | _GLOBAL)
    try:
        client = _client(service)
    except UnknownServiceError:
        return f"AWS has no service {service}"
    if operation == "wait":
        waiter, *rest = rest
        if waiter.replace("-", "_") not in client.waiter_names:
            return f"nobody waits for {waiter} of {service}"
        config = client.get_waiter(waiter.replace("-", "_"))
        operation = xform_name(config.config.operation, "-")
    names = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
    if operation not in names:
        return f"{service} has no operation {operation}"
    shape = client.meta.service_model.operation_model(names[operation]).input_shape
    members = {f"--{xform_name(name, '-')}": kind for name, kind in (shape.members if shape else {}).items()}
    switches = {f"--no-{name[2:]}" for name, kind in members.items() if kind.type_name == "boolean"}
    known = {*members, *switches, *_GLOBAL, *_SWITCHES.get((service, operation), ())}
    if problem := _unknown(rest, known):
        return f"{service} {operation}: {problem}"
    required = {f"--{xform_name(name, '-')}" for name in (shape.required_members if shape else ())}
    missing = sorted(required - set(rest) - _SWITCHES.get((service, operation), set()))
    if complete and missing:
        return f"{service} {operation} lacks {', '.join(missing)}"
    return None


def _unknown(words: list[str], known: set[str]) -> str | None:
    unknown = [word for word in words if word.startswith("--") and word not in known]
    return f"there is no {', '.join(unknown)}" if unknown else None


@cache
def _client(service: str) -> Any:
    session = botocore.session.Session()
    return session.create_client(
        service, region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
    )
