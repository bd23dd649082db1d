"""Which capacity provider a task runs on, and the end of a task on Spot."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from localstack_dataplane.clock import now
from localstack_dataplane.config import Config
from localstack_dataplane.control import ControlError
from localstack_dataplane.ecs.capacity import Share, next_provider, parse_strategy, strategy_problem
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.spot import SpotInterruptions
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task

BOTH = ("FARGATE", "FARGATE_SPOT")


def distributed(strategy, count):
    found: Counter[str] = Counter()
    for _ in range(count):
        found[next_provider(strategy, found)] += 1
    return dict(found)


@pytest.mark.parametrize(
    ("shares", "count", "expected"),
    [
        ((), 2, {"": 2}),
        ((Share("FARGATE"),), 2, {"FARGATE": 2}),
        ((Share("FARGATE", weight=1), Share("FARGATE_SPOT", weight=3)), 8, {"FARGATE": 2, "FARGATE_SPOT": 6}),
        ((Share("FARGATE", base=2), Share("FARGATE_SPOT", weight=1)), 5, {"FARGATE": 2, "FARGATE_SPOT": 3}),
        (
            (Share("FARGATE", base=2, weight=1), Share("FARGATE_SPOT", weight=1)),
            6,
            {"FARGATE": 4, "FARGATE_SPOT": 2},
        ),
        ((Share("FARGATE_SPOT", weight=1), Share("FARGATE", base=1)), 1, {"FARGATE": 1}),
    ],
)
def test_base_comes_first_and_then_the_weights(shares, count, expected):
    assert distributed(shares, count) == expected


def test_a_strategy_is_read_with_the_defaults_of_the_api():
    assert parse_strategy([{"capacityProvider": "FARGATE"}]) == (Share("FARGATE", 0, 0),)
    assert parse_strategy(None) == ()


@pytest.mark.parametrize(
    ("strategy", "launch_type"),
    [
        ((Share("FARGATE", weight=1),), "FARGATE"),
        ((Share("FARGATE", base=1), Share("FARGATE_SPOT", base=1, weight=1)), None),
        ((Share("FARGATE"), Share("FARGATE_SPOT")), None),
        ((Share("other", weight=1),), None),
        ((Share("FARGATE", weight=1),) * 21, None),
    ],
)
def test_what_does_not_go_together_has_a_problem(strategy, launch_type):
    assert strategy_problem(strategy, BOTH, launch_type)


@pytest.mark.parametrize("strategy", [(), (Share("FARGATE"),), (Share("FARGATE"), Share(BOTH[1], weight=1))])
def test_other_strategies_have_none(strategy):
    assert strategy_problem(strategy, BOTH, None) == ""


class World:
    """A task on Spot that can be interrupted."""

    def __init__(self, provider="FARGATE_SPOT"):
        definition = TaskDefinition(arn="a/f:1", containers=(ContainerDefinition(name="app", image="i"),))
        self.task = Task(
            id="t1",
            account="1",
            region="r",
            cluster="c",
            definition=definition,
            group="family:f",
            capacity_provider=provider,
        )
        store = TaskStore()
        store.add(self.task)
        self.events: list[Any] = []
        self.woken: list[int] = []
        config = Config(instance="i", address="10.0.0.2", backing_image="b", time_scale=60)
        self.spot = SpotInterruptions(config, store, Events(self.events.append), lambda: self.woken.append(1))


def test_an_interrupted_task_stops_with_the_reason_of_ecs():
    world = World()
    world.spot.interrupt({"task": world.task.arn})
    assert (world.task.stop_code, world.task.stopped_reason, world.task.desired_status, world.woken) == (
        "SpotInterruption",
        "Your Spot Task was interrupted.",
        "STOPPED",
        [1],
    )


def test_its_notice_is_two_minutes_of_scaled_time():
    world = World()
    world.spot.interrupt({"task": "t1"})
    assert world.task.notice_ends is not None
    assert timedelta(seconds=1) < world.task.notice_ends - now() <= timedelta(seconds=2)


def test_an_event_tells_of_the_change():
    world = World()
    world.spot.interrupt({"task": "t1"})
    (event,) = world.events
    assert (event.detail_type, event.resource) == ("ECS Task State Change", world.task.arn)
    assert (event.detail["stopCode"], event.detail["capacityProviderName"]) == (
        "SpotInterruption",
        "FARGATE_SPOT",
    )


@pytest.mark.parametrize(
    ("world", "name", "status"), [(World(), "t2", 404), (World(provider="FARGATE"), "t1", 400)]
)
def test_what_cannot_be_interrupted_is_told(world, name, status):
    with pytest.raises(ControlError) as error:
        world.spot.interrupt({"task": name})
    assert error.value.status == status


def test_a_task_is_interrupted_once():
    world = World()
    world.spot.interrupt({"task": "t1"})
    with pytest.raises(ControlError, match="stops already"):
        world.spot.interrupt({"task": "t1"})
