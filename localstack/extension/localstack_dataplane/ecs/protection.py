"""Task scale-in protection: which tasks a scale-in or a deployment must leave alone, and until when.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from localstack_dataplane.ecs.task import Task

DEFAULT_MINUTES = 120
SHORTEST_MINUTES, LONGEST_MINUTES = 1, 2880
MOST_UPDATED, MOST_ASKED = 10, 100
"""Tasks in one UpdateTaskProtection, and in one GetTaskProtection."""

Found = Iterable[tuple[str, Task | None]]
"""ARN and task; None where there is no such task."""


def update_problem(request: Mapping[str, Any]) -> str:
    """Why UpdateTaskProtection refuses a request; empty if it does not.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
    """
    tasks, minutes = request.get("tasks") or (), request.get("expiresInMinutes")
    if not tasks:
        return "Tasks cannot be empty."
    if len(tasks) > MOST_UPDATED:
        return f"Tasks cannot contain more than {MOST_UPDATED} elements."
    if request.get("protectionEnabled") is None:
        return "protectionEnabled cannot be empty."
    if minutes is not None and not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        return f"expiresInMinutes must be between {SHORTEST_MINUTES} and {LONGEST_MINUTES}."
    return ""


def update(found: Found, request: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """Protect tasks, or no longer; the answer of UpdateTaskProtection.

    The time begins anew with each call. A task that no service keeps cannot be protected.
    """
    until = None
    if request["protectionEnabled"]:
        until = moment + timedelta(minutes=request.get("expiresInMinutes") or DEFAULT_MINUTES)
    protected, failures = _sorted_out(found)
    for task in protected:
        task.protected_until = until
    return {"protectedTasks": [_document(task, moment) for task in protected], "failures": failures}


def describe(found: Found, moment: datetime) -> dict[str, Any]:
    """The answer of GetTaskProtection."""
    protected, failures = _sorted_out(found)
    return {"protectedTasks": [_document(task, moment) for task in protected], "failures": failures}


def _sorted_out(found: Found) -> tuple[list[Task], list[dict[str, str]]]:
    tasks, failures = [], []
    for arn, task in found:
        if task is None or task.stopped:
            failures.append({"arn": arn, "reason": "MISSING"})
        elif not task.service:
            detail = "The specified task is not part of a service: only those can be protected."
            failures.append({"arn": arn, "reason": "TASK_NOT_VALID", "detail": detail})
        else:
            tasks.append(task)
    return tasks, failures


def _document(task: Task, moment: datetime) -> dict[str, Any]:
    document: dict[str, Any] = {"taskArn": task.arn, "protectionEnabled": task.protected(moment)}
    if task.protected(moment):
        document["expirationDate"] = task.protected_until
    return document
