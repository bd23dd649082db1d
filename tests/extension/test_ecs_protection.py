"""Task scale-in protection, by the API and by the agent's endpoint.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
"""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Cloud, wait_for

# With an init, what sleeps ends at SIGTERM.
INIT = {"linuxParameters": {"initProcessEnabled": True}}

ASK_THE_AGENT = """
import json, os, sys, time, urllib.error, urllib.request

def ask(method, body=None):
    url = os.environ["ECS_AGENT_URI"] + "/task-protection/v1/state"
    request = urllib.request.Request(url, method=method, data=body and body.encode())
    request.add_header("Content-Type", "application/json")
    try:
        reply = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        reply = error
    print(json.dumps([reply.status, json.load(reply)]))

ask("GET")
ask("PUT", '{"ProtectionEnabled": true, "ExpiresInMinutes": 60}')
ask("GET")
ask("PUT", '{"ProtectionEnabled": false}')
ask("PUT", '{"ProtectionEnabled": true, "ExpiresInMinutes": 2881}')
ask("PUT", '{"ExpiresInMinutes": 60}')
ask("PUT", '{"ProtectionEnabled": "yes"}')
"""
ANSWERS = 7


@pytest.fixture(scope="module")
def sleeper(cloud: Cloud) -> str:
    """A task definition that does nothing."""
    return cloud.task_definition(cloud.container("main", "run", "import time; time.sleep(600)", **INIT))


def started(cloud: Cloud, service: str, count: int) -> list[str]:
    """Waits for the tasks of a service, and returns their ARNs, the oldest first."""
    tasks = wait_for(
        f"{count} tasks of {service} run",
        lambda: cloud.tasks_of(service),
        lambda found: [task["lastStatus"] for task in found] == ["RUNNING"] * count,
        timeout_seconds=60,
        interval_seconds=0.25,
    )
    return [task["taskArn"] for task in sorted(tasks, key=lambda task: task["createdAt"])]


def scale(cloud: Cloud, service: str, count: int) -> None:
    cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, desiredCount=count)


def protect(cloud: Cloud, *tasks: str, enabled: bool = True, **options: Any) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.client("ecs").update_task_protection(
        cluster=cloud.cluster, tasks=list(tasks), protectionEnabled=enabled, **options
    )
    return answer


def wait_for_tasks(cloud: Cloud, service: str, tasks: list[str]) -> None:
    wait_for(
        f"the tasks of {service} are {tasks}",
        lambda: [task["taskArn"] for task in cloud.tasks_of(service)],
        lambda found: found == tasks,
        timeout_seconds=60,
        interval_seconds=0.25,
    )


@pytest.fixture(scope="module")
def service(cloud: Cloud, sleeper: str) -> Iterator[str]:
    """A service of two tasks."""
    with cloud.service(sleeper, count=2) as name:
        started(cloud, name, 2)
        yield name


@pytest.fixture
def tasks(cloud: Cloud, service: str) -> Iterator[list[str]]:
    """Its two tasks, which are not protected."""
    scale(cloud, service, 2)
    tasks = started(cloud, service, 2)
    yield tasks
    if left := [task["taskArn"] for task in cloud.tasks_of(service)]:
        protect(cloud, *left, enabled=False)


def test_a_task_is_not_protected_unless_it_is_asked_for(cloud: Cloud, tasks: list[str]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GetTaskProtection.html
    answer = cloud.client("ecs").get_task_protection(cluster=cloud.cluster, tasks=tasks[:1])

    assert (answer["protectedTasks"], answer["failures"]) == (
        [{"taskArn": tasks[0], "protectionEnabled": False}],
        [],
    )


@pytest.mark.parametrize(("options", "minutes"), [({}, 120), ({"expiresInMinutes": 5}, 5)])
def test_protection_lasts_two_hours_or_as_long_as_asked_for(
    cloud: Cloud, tasks: list[str], options: dict[str, Any], minutes: int
) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
    (protected,) = protect(cloud, tasks[0], **options)["protectedTasks"]

    left = protected["expirationDate"] - datetime.now(UTC)
    assert protected["protectionEnabled"]
    assert abs(left - timedelta(minutes=minutes)) < timedelta(seconds=30)


def test_scale_in_stops_others_first(cloud: Cloud, service: str, tasks: list[str]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
    protect(cloud, tasks[1])  # the younger one would go first

    scale(cloud, service, 1)

    wait_for_tasks(cloud, service, [tasks[1]])


def test_scale_in_leaves_a_protected_task_alone_until_it_no_longer_is(
    cloud: Cloud, service: str, tasks: list[str]
) -> None:
    protect(cloud, tasks[0])

    scale(cloud, service, 0)

    wait_for_tasks(cloud, service, [tasks[0]])
    time.sleep(3)
    wait_for_tasks(cloud, service, [tasks[0]])
    protect(cloud, tasks[0], enabled=False)
    wait_for_tasks(cloud, service, [])


def test_a_deployment_waits_for_a_protected_task(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
    with cloud.service(sleeper) as service:
        (old,) = started(cloud, service, 1)
        protect(cloud, old)
        cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, forceNewDeployment=True)

        both = started(cloud, service, 2)
        time.sleep(3)
        states = [(item["status"], item["rolloutState"]) for item in cloud.described(service)["deployments"]]
        assert (both[0], states[0]) == (old, ("PRIMARY", "IN_PROGRESS"))
        assert [task["taskArn"] for task in cloud.tasks_of(service)].count(old) == 1

        protect(cloud, old, enabled=False)
        wait_for_tasks(cloud, service, both[1:])
        wait_for(
            "the deployment is complete",
            lambda: cloud.described(service)["deployments"],
            lambda found: [item["rolloutState"] for item in found] == ["COMPLETED"],
            timeout_seconds=60,
        )


def test_a_task_without_service_cannot_be_protected(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
    task = cloud.run_task(sleeper)

    (failure,) = protect(cloud, task)["failures"]

    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=task)
    assert (failure["arn"], failure["reason"]) == (task, "TASK_NOT_VALID")


def test_a_task_that_does_not_exist_is_missing(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
    (failure,) = protect(cloud, "0" * 32)["failures"]

    assert failure["reason"] == "MISSING"


@pytest.mark.parametrize("minutes", [0, 2881])
def test_protection_lasts_a_minute_to_two_days(cloud: Cloud, tasks: list[str], minutes: int) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
    with pytest.raises(ClientError) as error:
        protect(cloud, tasks[0], expiresInMinutes=minutes)

    assert error.value.response["Error"]["Code"] == "InvalidParameterException"


@pytest.fixture(scope="module")
def agent(cloud: Cloud) -> Iterator[list[Any]]:
    """Status and document of each answer that a task of a service got, and the task's ARN."""
    code = f"{ASK_THE_AGENT}\ntime.sleep(600)"
    with cloud.service(cloud.task_definition(cloud.container("main", "run", code, **INIT))) as service:
        (task,) = started(cloud, service, 1)
        lines = wait_for(
            "the agent has answered",
            lambda: cloud.log(task),
            lambda found: len(found) == ANSWERS,
            timeout_seconds=30,
            interval_seconds=0.25,
        )
        yield [*(json.loads(line) for line in lines), task]


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection-endpoint.html


def test_the_agent_tells_that_a_task_is_not_protected(agent: list[Any]) -> None:
    status, answer = agent[0]

    assert (status, answer["protection"]["ProtectionEnabled"], answer["protection"]["TaskArn"]) == (
        200,
        False,
        agent[-1],
    )


def test_the_agent_protects_the_task_that_asks(agent: list[Any]) -> None:
    status, answer = agent[1]

    until = datetime.fromisoformat(answer["protection"]["ExpirationDate"])
    assert (status, answer["protection"]["ProtectionEnabled"]) == (200, True)
    assert timedelta(minutes=50) < until - datetime.now(UTC) < timedelta(minutes=61)


def test_the_agent_tells_what_it_has_done(agent: list[Any]) -> None:
    assert agent[2] == agent[1]


def test_the_agent_takes_protection_away(agent: list[Any]) -> None:
    assert agent[3][1]["protection"]["ProtectionEnabled"] is False


@pytest.mark.parametrize("number", [4, 5, 6])
def test_the_agent_refuses_what_is_not_right(agent: list[Any], number: int) -> None:
    status, answer = agent[number]

    assert (status, answer["error"]["Code"]) == (400, "InvalidParameterException")


def test_the_agent_fails_for_a_task_without_service(cloud: Cloud) -> None:
    _, lines = cloud.run_code(ASK_THE_AGENT)

    assert json.loads(lines[1])[1]["failure"]["Reason"] == "TASK_NOT_VALID"
