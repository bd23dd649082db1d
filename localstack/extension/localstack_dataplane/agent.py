"""The agent endpoint of a container, `${ECS_AGENT_URI}`: a task says itself that it must not be stopped.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from botocore.exceptions import ClientError

from localstack_dataplane.aws import Aws
from localstack_dataplane.ecs.task import Task

Answer = tuple[int, dict[str, Any]]

_FIELDS = {"protectionenabled": ("protectionEnabled", bool), "expiresinminutes": ("expiresInMinutes", int)}
"""The agent takes the names in any case, and no other ones."""


def no_task() -> Answer:
    """The answer to a container that does not exist."""
    return _error(HTTPStatus.NOT_FOUND, "ResourceNotFoundException", "Failed to find a task for the request")


class Agent:
    """Answers for the agent, by the API operations that it calls for the task.

    Args:
        aws: ECS.
    """

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def protection(self, task: Task) -> Answer:
        """Answer to GET /task-protection/v1/state."""
        return self._call(task, "get_task_protection", {})

    def protect(self, task: Task, body: bytes) -> Answer:
        """Answer to PUT /task-protection/v1/state."""
        wanted = _decoded(body)
        if wanted is None:
            return _error(
                HTTPStatus.BAD_REQUEST,
                "InvalidParameterException",
                "UpdateTaskProtection: failed to decode request",
            )
        if "protectionEnabled" not in wanted:
            return _error(
                HTTPStatus.BAD_REQUEST,
                "InvalidParameterException",
                "Invalid request: does not contain 'ProtectionEnabled' field",
                task,
            )
        return self._call(task, "update_task_protection", wanted)

    def _call(self, task: Task, operation: str, arguments: Mapping[str, Any]) -> Answer:
        if not task.definition.task_role:
            return _error(
                HTTPStatus.FORBIDDEN,
                "AccessDeniedException",
                "Invalid Request: no task IAM role credentials available for task",
                task,
            )
        client = self._aws.client("ecs", task.account, task.region)
        try:
            answer = getattr(client, operation)(cluster=task.cluster_arn, tasks=[task.arn], **arguments)
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", HTTPStatus.BAD_REQUEST)
            detail = error.response["Error"]
            return _error(status, detail["Code"], detail["Message"], task)
        if answer["failures"]:
            return HTTPStatus.OK, {"failure": _capitalized(answer["failures"][0], "Arn", "Detail", "Reason")}
        (protected,) = answer["protectedTasks"]
        return HTTPStatus.OK, {
            "protection": _capitalized(protected, "ExpirationDate", "ProtectionEnabled", "TaskArn")
        }


def _decoded(body: bytes) -> dict[str, Any] | None:
    """The arguments in a request; None where the agent cannot decode it."""
    try:
        document = json.loads(body)
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    wanted = {}
    for key, value in document.items():
        name, kind = _FIELDS.get(key.lower(), ("", bool))
        if not name or (value is not None and type(value) is not kind):
            return None
        if value is not None:
            wanted[name] = value
    return wanted


def _capitalized(document: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The members in the agent's spelling; those that are not there are null."""
    return {name: _plain(document.get(name[0].lower() + name[1:])) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value


def _error(status: int, code: str, message: str, task: Task | None = None) -> Answer:
    arn = {"Arn": task.arn} if task else {}
    return status, {"error": {**arn, "Code": code, "Message": message}}
