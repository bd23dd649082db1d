"""Events of ECS, and how they get to EventBridge."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.event_bus import Event, EventBus
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.service import Service
from localstack_dataplane.ecs.task import Task

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)
SERVICE = Service(
    account="1",
    region="r",
    cluster="c",
    name="web",
    arn="arn:service",
    status="ACTIVE",
    desired=1,
    deployments=(),
    task_definitions={},
)


class EventBridge:
    def __init__(self) -> None:
        self.calls: list[tuple[str, list[dict[str, Any]]]] = []
        self.error: Exception | None = None

    def client(self, _: str, account: str, region: str) -> Any:
        self.asked = f"{account}/{region}"
        return self

    def put_events(self, Entries: list[dict[str, Any]]) -> None:  # noqa: N803
        if self.error:
            raise self.error
        self.calls.append((self.asked, Entries))


def event(resource: str = "arn", region: str = "r") -> Event:
    return Event(
        account="1", region=region, detail_type="Type", resource=resource, detail={"at": MOMENT}, time=MOMENT
    )


def test_what_is_there_at_the_end_is_sent_too() -> None:
    bridge = EventBridge()
    bus = EventBus(bridge)
    bus.start()
    bus.put(event())
    bus.stop()
    assert len(bridge.calls) == 1


@pytest.fixture
def made() -> list[Event]:
    return []


@pytest.fixture
def events(made: list[Event]) -> Events:
    return Events(made.append)


@pytest.fixture
def task() -> Task:
    definition = TaskDefinition(arn="a/f:1", containers=(ContainerDefinition(name="app", image="i"),))
    return Task(id="t1", account="1", region="r", cluster="c", definition=definition, group="family:f")


def test_an_event_is_an_entry_of_ecs_with_times_in_iso_format() -> None:
    entry = event().entry()
    assert (entry["Source"], entry["Resources"], entry["Time"]) == ("aws.ecs", ["arn"], MOMENT)
    assert json.loads(entry["Detail"]) == {"at": "2026-01-02T03:04:05.678Z"}


def test_events_are_sent_in_order_ten_at_a_time() -> None:
    bridge = EventBridge()
    bus = EventBus(bridge)
    for number in range(12):
        bus.put(event(str(number)))
    bus.flush()
    sent = [[entry["Resources"][0] for entry in entries] for _, entries in bridge.calls]
    assert sent == [[str(number) for number in range(10)], ["10", "11"]]


def test_each_region_gets_its_own_events() -> None:
    bridge = EventBridge()
    bus = EventBus(bridge)
    for region in ("r1", "r2"):
        bus.put(event(region=region))
    bus.flush()
    assert [asked for asked, _ in bridge.calls] == ["1/r1", "1/r2"]


def test_events_that_are_not_taken_are_lost_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    bridge = EventBridge()
    bridge.error = ClientError({"Error": {"Code": "x", "Message": "no"}}, "PutEvents")
    bus = EventBus(bridge)
    bus.put(event())
    bus.flush()
    assert "Events of ECS are lost" in caplog.text


def test_a_task_is_told_of_once_for_each_change(events: Events, made: list[Event], task: Task) -> None:
    events.task(task)
    events.task(task)
    task.containers["app"].status = "RUNNING"
    events.task(task)
    assert [item.detail["version"] for item in made] == [1, 2]


def test_the_health_of_a_task_is_not_in_its_event(events: Events, made: list[Event], task: Task) -> None:
    events.task(task)
    detail = made[0].detail
    assert "healthStatus" not in detail
    assert "healthStatus" not in detail["containers"][0]


def test_the_network_interface_of_a_task_is_called_eni(events: Events, made: list[Event], task: Task) -> None:
    events.task(task)
    assert [item["type"] for item in made[0].detail["attachments"]] == ["eni"]


def test_what_the_scheduler_finds_has_a_type_and_the_cluster(events: Events, made: list[Event]) -> None:
    events.action(SERVICE, "SERVICE_TASK_START_IMPAIRED")
    [found] = made
    assert (found.detail_type, found.resource) == ("ECS Service Action", "arn:service")
    assert (found.detail["eventType"], found.detail["clusterArn"]) == ("WARN", "arn:aws:ecs:r:1:cluster/c")


def test_a_deployment_is_told_of_with_the_reason(events: Events, made: list[Event]) -> None:
    events.deployment(SERVICE, "SERVICE_DEPLOYMENT_FAILED", "ecs-svc/1", "because")
    [found] = made
    detail = {key: value for key, value in found.detail.items() if key != "updatedAt"}
    assert (found.detail_type, detail) == (
        "ECS Deployment State Change",
        {
            "eventType": "ERROR",
            "eventName": "SERVICE_DEPLOYMENT_FAILED",
            "deploymentId": "ecs-svc/1",
            "reason": "because",
        },
    )
