"""Capacity providers of Fargate: which tasks run on Spot, and what its interruption does to them.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from contract import ENDPOINT, IN_AWS, Cloud, wait_for
from contract_events import Caught, caught

SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
INIT = {"linuxParameters": {"initProcessEnabled": True}}
TELLS_OF_SIGTERM = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("SIGTERM"), sys.exit(5)))
print("ready")
time.sleep(600)
"""
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(600)"

# What takes a minute begins here, where the tests of ECS begin.
pytestmark = pytest.mark.usefixtures("minute")

only_here = pytest.mark.skipif(IN_AWS, reason="AWS interrupts when it wants")


@pytest.fixture(scope="module")
def sleeper(cloud: Cloud) -> str:
    """A task definition that does nothing."""
    return cloud.task_definition(cloud.container("main", "run", "import time; time.sleep(600)", **INIT))


def test_base_and_weights_decide_where_the_tasks_of_runtask_run(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    ecs = cloud.client("ecs")

    tasks = ecs.run_task(
        cluster=cloud.cluster,
        taskDefinition=sleeper,
        networkConfiguration=cloud.network_configuration,
        count=4,
        capacityProviderStrategy=[
            {"capacityProvider": "FARGATE", "base": 1, "weight": 0},
            {"capacityProvider": "FARGATE_SPOT", "weight": 1},
        ],
    )["tasks"]

    for task in tasks:
        ecs.stop_task(cluster=cloud.cluster, task=task["taskArn"])
    assert Counter(task["capacityProviderName"] for task in tasks) == {"FARGATE": 1, "FARGATE_SPOT": 3}


def test_weights_decide_where_the_tasks_of_a_service_run(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    strategy = [
        {"capacityProvider": "FARGATE", "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    ]

    with cloud.service(sleeper, count=4, capacityProviderStrategy=strategy) as service:
        tasks = wait_for(
            "four tasks",
            lambda: cloud.tasks_of(service),
            lambda found: len(found) == 4,
            timeout_seconds=30,
            interval_seconds=0.25,
        )

    assert Counter(task["capacityProviderName"] for task in tasks) == {"FARGATE": 2, "FARGATE_SPOT": 2}


def test_a_launch_type_and_a_strategy_are_too_much(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
    with pytest.raises(ClientError) as error:
        cloud.run_task(sleeper, launchType="FARGATE", capacityProviderStrategy=SPOT)

    assert error.value.response["Error"]["Code"] == "InvalidParameterException"


def test_a_capacity_provider_has_to_be_the_clusters(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
    with pytest.raises(ClientError, match="is not associated with the cluster") as error:
        cloud.run_task(sleeper, capacityProviderStrategy=[{"capacityProvider": "other", "weight": 1}])

    assert error.value.response["Error"]["Code"] == "InvalidParameterException"


def interrupt(task: str) -> requests.Response:
    return requests.post(f"{ENDPOINT}/_dataplane/spot-interruption", json={"task": task}, timeout=10)


def ready(cloud: Cloud, code: str, **options: Any) -> str:
    """Starts a task, and waits until it says that it is ready."""
    task = cloud.run_task(cloud.task_definition(cloud.container("main", "run", code, **options)), **ON_SPOT)
    wait_for(
        f"{task} is ready",
        lambda: cloud.log(task),
        lambda lines: lines == ["ready"],
        timeout_seconds=60,
        interval_seconds=0.25,
    )
    return task


ON_SPOT: dict[str, Any] = {"capacityProviderStrategy": SPOT}


@pytest.fixture(scope="module")
def events(cloud: Cloud) -> Iterator[Caught]:
    """What tells of tasks that change."""
    with caught(cloud, "ECS Task State Change") as found:
        yield found


@pytest.fixture(scope="module")
def interrupted(cloud: Cloud, events: Caught) -> dict[str, Any]:
    """A task that was interrupted and has stopped."""
    task = ready(cloud, TELLS_OF_SIGTERM)
    assert interrupt(task).status_code == 200
    return cloud.wait_for_task(task, "STOPPED")


@only_here
def test_an_interrupted_task_tells_why_it_stopped(interrupted: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    assert (interrupted["stopCode"], interrupted["stoppedReason"]) == (
        "SpotInterruption",
        "Your Spot Task was interrupted.",
    )


@only_here
def test_an_interrupted_task_gets_sigterm(cloud: Cloud, interrupted: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    assert cloud.log(interrupted["taskArn"]) == ["ready", "SIGTERM"]
    assert interrupted["containers"][0]["exitCode"] == 5


@only_here
def test_an_event_warns_of_the_interruption(events: Caught, interrupted: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    task = interrupted["taskArn"]

    def warns(event: dict[str, Any]) -> bool:
        detail = event["detail"]
        return (detail["taskArn"], detail.get("stopCode")) == (task, "SpotInterruption")

    warnings = events.wait_for("an event of the interruption", warns, timeout_seconds=20)

    assert (
        min(warnings, key=lambda event: int(event["detail"]["version"]))["detail"]["lastStatus"] == "RUNNING"
    )


@only_here
def test_a_task_that_does_not_end_is_killed_when_the_notice_is_over(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    task = ready(cloud, DEAF, stopTimeout=120)

    interrupt(task)

    stopped = cloud.wait_for_task(task, "STOPPED", timeout_seconds=130)
    assert (stopped["stopCode"], stopped["containers"][0]["exitCode"]) == ("SpotInterruption", 137)


@only_here
def test_a_service_replaces_an_interrupted_task(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
    def running() -> list[str]:
        return [task["taskArn"] for task in cloud.tasks_of(service) if task["lastStatus"] == "RUNNING"]

    with cloud.service(sleeper, **ON_SPOT) as service:
        (task,) = wait_for("a task runs", running, bool, timeout_seconds=60, interval_seconds=0.25)
        interrupt(task)

        wait_for(
            "another task runs",
            running,
            lambda found: found and task not in found,
            timeout_seconds=60,
            interval_seconds=0.25,
        )


@only_here
def test_what_is_not_on_spot_cannot_be_interrupted(cloud: Cloud, sleeper: str) -> None:
    task = cloud.run_task(sleeper)

    answer = interrupt(task)

    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=task)
    assert answer.status_code == 400
