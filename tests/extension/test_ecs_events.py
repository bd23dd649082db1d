"""What ECS tells EventBridge.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
"""

from collections.abc import Iterator
from typing import Any

import pytest
from contract import Cloud
from contract_events import Caught, caught

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}

# What takes a minute begins here or before.
pytestmark = pytest.mark.usefixtures("minute")


@pytest.fixture(scope="module")
def events(cloud: Cloud) -> Iterator[Caught]:
    """All events of ECS."""
    with caught(cloud, "ECS Task State Change", "ECS Service Action", "ECS Deployment State Change") as found:
        yield found


@pytest.fixture(scope="module")
def ended(cloud: Cloud, events: Caught) -> list[dict[str, Any]]:
    """The events of a task that has run and ended by itself."""
    definition = cloud.task_definition(cloud.container("main", "run", "raise SystemExit(3)"))
    arn = cloud.run_task(definition)
    cloud.wait_for_task(arn, "STOPPED")
    events.wait_for("the last event of the task", lambda event: is_of(event, arn, "STOPPED"))
    mine = [event for event in events.so_far() if event["detail"].get("taskArn") == arn]
    return sorted(mine, key=lambda event: int(event["detail"]["version"]))


@pytest.fixture(scope="module")
def rolled_back(cloud: Cloud, events: Caught, sleeper: str, failing: str) -> list[dict[str, Any]]:
    """The events of a service that was deployed, then failed to deploy, and was rolled back."""
    with cloud.service(sleeper, deploymentConfiguration=BREAKER) as service:
        arn = cloud.described(service)["serviceArn"]

        def is_completed(event: dict[str, Any]) -> bool:
            return event["resources"] == [arn] and name_of(event) == "SERVICE_DEPLOYMENT_COMPLETED"

        events.wait_for("the service is deployed", is_completed)
        cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, taskDefinition=failing)
        events.wait_for("the service is rolled back", is_completed, count=2, timeout_seconds=120)
    mine = [event for event in events.so_far() if event["resources"] == [arn]]
    return sorted(mine, key=when)


def is_of(event: dict[str, Any], task: str, status: str) -> bool:
    detail = event["detail"]
    return (detail.get("taskArn"), detail.get("lastStatus")) == (task, status)


def when(event: dict[str, Any]) -> tuple[str, int]:
    """When it happened; in the same millisecond a rollback begins after the failure, and may be complete.

    EventBridge hands events over in no order: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events.html
    """
    detail, order = event["detail"], ("FAILED", "IN_PROGRESS", "COMPLETED")
    state = name_of(event).removeprefix("SERVICE_DEPLOYMENT_")
    rank = order.index(state) if state in order else len(order)
    return detail.get("updatedAt") or detail["createdAt"], rank


def name_of(event: dict[str, Any]) -> str:
    name: str = event["detail"].get("eventName", "")
    return name


def test_a_task_is_told_of_in_each_of_its_states(ended: list[dict[str, Any]]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
    states = list(dict.fromkeys(event["detail"]["lastStatus"] for event in ended))

    # What stops by itself may be found stopped before it is seen stopping.
    assert [state for state in states if state not in {"STOPPING", "DEACTIVATING"}] == [
        "PROVISIONING",
        "PENDING",
        "RUNNING",
        "DEPROVISIONING",
        "STOPPED",
    ]


def test_the_version_counts_the_changes_of_a_task(ended: list[dict[str, Any]]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
    versions = [event["detail"]["version"] for event in ended]

    assert versions == sorted(set(versions))


def test_the_event_of_a_stopped_task_says_why(ended: list[dict[str, Any]]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
    detail = ended[-1]["detail"]

    assert (detail["stopCode"], detail["stoppedReason"], detail["containers"][0]["exitCode"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
        3,
    )


def test_the_event_of_a_task_has_what_ecs_documents(cloud: Cloud, ended: list[dict[str, Any]]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
    running = next(event for event in ended if event["detail"]["lastStatus"] == "RUNNING")
    detail = running["detail"]

    assert (running["source"], running["detail-type"]) == ("aws.ecs", "ECS Task State Change")
    assert running["resources"] == [detail["taskArn"]]
    assert detail["clusterArn"].endswith(f":cluster/{cloud.cluster}")
    assert detail["attachments"][0]["type"] == "eni"
    assert "healthStatus" not in detail
    assert {
        "availabilityZone",
        "connectivity",
        "containers",
        "cpu",
        "createdAt",
        "desiredStatus",
        "enableExecuteCommand",
        "group",
        "launchType",
        "memory",
        "overrides",
        "platformVersion",
        "startedAt",
        "taskDefinitionArn",
        "updatedAt",
    } <= detail.keys()


def test_a_deployment_is_told_of_from_its_beginning_to_its_end(rolled_back: list[dict[str, Any]]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
    told = [
        (name_of(event), event["detail"]["eventType"])
        for event in rolled_back
        if event["detail-type"] == "ECS Deployment State Change"
    ]

    assert told == [
        ("SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO"),
        ("SERVICE_DEPLOYMENT_COMPLETED", "INFO"),
        ("SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO"),
        ("SERVICE_DEPLOYMENT_FAILED", "ERROR"),
        ("SERVICE_DEPLOYMENT_IN_PROGRESS", "INFO"),
        ("SERVICE_DEPLOYMENT_COMPLETED", "INFO"),
    ]


def test_the_events_of_a_rollback_say_what_is_rolled_back_to(rolled_back: list[dict[str, Any]]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
    begun = [event["detail"] for event in rolled_back if name_of(event) == "SERVICE_DEPLOYMENT_IN_PROGRESS"]
    first, second, rollback = (detail["deploymentId"] for detail in begun)

    assert [detail["reason"] for detail in begun] == [
        f"ECS deployment {first} in progress.",
        f"ECS deployment {second} in progress.",
        f"ECS deployment circuit breaker: rolling back to deploymentId {first}.",
    ]
    assert rollback == first


def test_a_steady_service_is_told_of(cloud: Cloud, rolled_back: list[dict[str, Any]]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
    steady = next(event for event in rolled_back if name_of(event) == "SERVICE_STEADY_STATE")

    assert (steady["detail-type"], steady["detail"]["eventType"]) == ("ECS Service Action", "INFO")
    assert steady["detail"]["clusterArn"].endswith(f":cluster/{cloud.cluster}")
    assert "createdAt" in steady["detail"]


def test_a_service_whose_tasks_keep_failing_is_impaired(cloud: Cloud, events: Caught, failing: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
    with cloud.service(failing) as service:
        arn = cloud.described(service)["serviceArn"]
        (event, *_) = events.wait_for(
            "the service is impaired",
            lambda event: event["resources"] == [arn] and name_of(event) == "SERVICE_TASK_START_IMPAIRED",
            timeout_seconds=120,
        )

    assert (event["detail-type"], event["detail"]["eventType"]) == ("ECS Service Action", "WARN")
