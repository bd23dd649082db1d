"""Task scale-in protection: who is protected, for how long, and what the agent answers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localstack_dataplane.agent import Agent
from localstack_dataplane.ecs import protection
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.task import Task

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ON = {"tasks": ["t1"], "protectionEnabled": True}


@pytest.fixture
def task():
    definition = TaskDefinition(
        arn="a/f:1", containers=(ContainerDefinition(name="app", image="i"),), task_role="role"
    )
    place: dict[str, Any] = {"account": "1", "region": "r", "cluster": "c"}
    return Task(id="t1", **place, definition=definition, group="service:s", service="s")


def test_a_task_is_protected_for_two_hours(task):
    protection.update([(task.arn, task)], ON, NOW)
    assert task.protected(NOW + 119 * MINUTE)
    assert not task.protected(NOW + 120 * MINUTE)


def test_each_call_begins_anew(task):
    protection.update([(task.arn, task)], ON | {"expiresInMinutes": 60}, NOW)
    protection.update([(task.arn, task)], ON | {"expiresInMinutes": 5}, NOW)
    assert not task.protected(NOW + 5 * MINUTE)


def test_what_is_no_longer_protected_has_no_date(task):
    protection.update([(task.arn, task)], ON, NOW)
    answer = protection.describe([(task.arn, task)], NOW + 121 * MINUTE)
    assert answer["protectedTasks"] == [{"taskArn": task.arn, "protectionEnabled": False}]


def test_a_task_without_service_fails(task):
    task.service = ""
    (failure,) = protection.update([(task.arn, task)], ON, NOW)["failures"]
    assert (failure["reason"], task.protected(NOW)) == ("TASK_NOT_VALID", False)


def test_a_task_that_is_gone_is_missing():
    assert protection.describe([("arn", None)], NOW)["failures"] == [{"arn": "arn", "reason": "MISSING"}]


@pytest.mark.parametrize(
    "request_",
    [
        {"protectionEnabled": True},
        {"tasks": ["t"] * 11, "protectionEnabled": True},
        {"tasks": ["t"]},
        ON | {"expiresInMinutes": 0},
        ON | {"expiresInMinutes": 2881},
    ],
)
def test_bad_requests_have_a_problem(request_):
    assert protection.update_problem(request_)


@pytest.mark.parametrize("minutes", [None, 1, 2880])
def test_good_requests_have_none(minutes):
    assert protection.update_problem(ON | {"expiresInMinutes": minutes}) == ""


class Ecs:
    """The API, which answers or fails as told."""

    def __init__(self, answer):
        self.answer, self.calls = answer, []

    def client(self, *_):
        return self

    def update_task_protection(self, **arguments):
        self.calls.append(arguments)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def get_task_protection(self, **arguments):
        return self.update_task_protection(**arguments)


PROTECTED = {
    "protectedTasks": [{"taskArn": "arn", "protectionEnabled": True, "expirationDate": NOW}],
    "failures": [],
}


def test_the_agent_calls_the_api_for_its_task(task):
    ecs = Ecs(PROTECTED)
    status, answer = Agent(ecs).protect(task, b'{"ProtectionEnabled": true, "expiresInMinutes": 5}')
    assert ecs.calls == [
        {"cluster": task.cluster_arn, "tasks": [task.arn], "protectionEnabled": True, "expiresInMinutes": 5}
    ]
    assert (status, answer) == (
        200,
        {
            "protection": {
                "ExpirationDate": "2026-01-01T00:00:00.000Z",
                "ProtectionEnabled": True,
                "TaskArn": "arn",
            }
        },
    )


def test_the_agent_tells_the_state(task):
    answer = {"protectedTasks": [{"taskArn": "arn", "protectionEnabled": False}], "failures": []}
    assert Agent(Ecs(answer)).protection(task)[1] == {
        "protection": {"ExpirationDate": None, "ProtectionEnabled": False, "TaskArn": "arn"}
    }


def test_a_failure_of_the_api_is_handed_on(task):
    answer = {"protectedTasks": [], "failures": [{"arn": "arn", "reason": "TASK_NOT_VALID", "detail": "d"}]}
    assert Agent(Ecs(answer)).protection(task) == (
        200,
        {"failure": {"Arn": "arn", "Detail": "d", "Reason": "TASK_NOT_VALID"}},
    )


def test_an_error_of_the_api_is_handed_on(task):
    response: Any = {
        "Error": {"Code": "InvalidParameterException", "Message": "m"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    assert Agent(Ecs(ClientError(response, "UpdateTaskProtection"))).protection(task) == (
        400,
        {"error": {"Arn": task.arn, "Code": "InvalidParameterException", "Message": "m"}},
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        json.dumps({"ProtectionEnabled": "yes"}).encode(),
        json.dumps({"ProtectionEnabled": True, "ExpiresInMinutes": 1.5}).encode(),
        json.dumps({"ProtectionEnabled": True, "Unknown": 1}).encode(),
        json.dumps({"ExpiresInMinutes": 5}).encode(),
    ],
)
def test_the_agent_refuses_what_it_cannot_read(task, body):
    status, answer = Agent(Ecs(PROTECTED)).protect(task, body)
    assert (status, answer["error"]["Code"]) == (400, "InvalidParameterException")


def test_a_task_without_role_has_no_access(task):
    task.definition = TaskDefinition(arn="a/f:1", containers=())
    status, answer = Agent(Ecs(PROTECTED)).protection(task)
    assert (status, answer["error"]["Code"]) == (403, "AccessDeniedException")
