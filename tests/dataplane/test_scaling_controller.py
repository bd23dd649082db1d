"""Passes over scalable targets, with services, alarms and a clock of our own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from localstack_dataplane.application_autoscaling import requests, tracking
from localstack_dataplane.application_autoscaling.alarms import Alarm
from localstack_dataplane.application_autoscaling.controller import ScalingController
from localstack_dataplane.application_autoscaling.model import (
    ECS_DIMENSION,
    Policy,
    ScalableTarget,
    ScheduledAction,
)
from localstack_dataplane.application_autoscaling.services import ServiceState
from localstack_dataplane.application_autoscaling.store import ScalingStore
from localstack_dataplane.config import Config

KEY = ("ecs", "service/c/s", ECS_DIMENSION)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CONFIG = Config(
    instance="i", address="10.0.0.1", backing_image="b", ca_directory=Path("/nowhere"), time_scale=60
)


class Services:
    def __init__(self, desired):
        self.found = ServiceState(desired=desired, running=desired)
        self.problem = ""

    def state(self, target):
        return self.found

    def set_desired(self, target, count):
        if not self.problem:
            self.found = replace(self.found, desired=count)
        return self.problem


class Metrics:
    def __init__(self):
        self.known: dict[str, Alarm] = {}
        self.data: dict[str, list[float | None]] = {}
        self.asked = 0

    def alarms(self, account, region):
        return list(self.known.values())

    def values(self, alarm, account, region, moment):
        self.asked += 1
        return self.data.get(alarm.name, [])

    def set_state(self, alarm, account, region, state, reason):
        self.known[alarm.name] = replace(alarm, state=state)


class World:
    """A service with a scalable target; a second is a minute of AWS."""

    def __init__(self, desired=2, minimum=1, maximum=10):
        self.moment = BEGIN
        self.store, self.services, self.metrics = ScalingStore(), Services(desired), Metrics()
        self.controller = ScalingController(
            CONFIG, self.store, self.services, self.metrics, clock=lambda: self.moment
        )
        self.target = ScalableTarget(
            key=KEY, account="1", region="r", arn="t", minimum=minimum, maximum=maximum, role="role"
        )
        self.store.targets("1", "r")[KEY] = self.target

    def step_policy(self, name="out", alarm="high", change=1, comparison="GreaterThanThreshold"):
        configuration = {
            "AdjustmentType": "ChangeInCapacity",
            "Cooldown": 120,
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": change}],
        }
        if change < 0:
            configuration["StepAdjustments"] = [{"MetricIntervalUpperBound": 0, "ScalingAdjustment": change}]
        self.target.policies[name] = Policy(
            key=KEY, name=name, type="StepScaling", arn=name, configuration=configuration
        )
        self.metrics.known[alarm] = Alarm(
            arn=f"arn:aws:cloudwatch:r:1:alarm:{alarm}",
            name=alarm,
            threshold=50,
            comparison=comparison,
            actions={"ALARM": (name,)},
        )

    def tracking_policy(self, **changes):
        configuration = {
            "TargetValue": 50.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            **changes,
        }
        policy = Policy(
            key=KEY, name="track", type="TargetTrackingScaling", arn="track", configuration=configuration
        )
        for alarm in tracking.alarms(configuration, "service/c/s", "track"):
            policy.alarms.append({"AlarmName": alarm["AlarmName"], "AlarmARN": ""})
            self.metrics.known[alarm["AlarmName"]] = Alarm(
                arn=f"arn:aws:cloudwatch:r:1:alarm:{alarm['AlarmName']}",
                name=alarm["AlarmName"],
                threshold=alarm["Threshold"],
                comparison=alarm["ComparisonOperator"],
                actions={"ALARM": ("track",)},
            )
        self.target.policies["track"] = policy
        return [alarm["AlarmName"] for alarm in policy.alarms]

    def action(self, schedule, **action):
        self.target.actions["a"] = ScheduledAction(
            key=KEY, name="a", arn="a", schedule=schedule, action=action, since=BEGIN, seen_until=BEGIN
        )

    def go(self, minutes=0.0):
        """Let minutes of AWS pass, make a pass and say the desired count."""
        self.moment += timedelta(seconds=minutes)
        self.controller.reconcile()
        return self.services.found.desired

    @property
    def newest(self):
        return self.store.activities("1", "r")[0].to_api()


@pytest.mark.parametrize(
    ("desired", "after", "cause"),
    [(0, 3, "minimum capacity was set to 3"), (9, 5, "maximum capacity was set to 5")],
)
def test_a_service_outside_the_range_is_moved_into_it(desired, after, cause):
    world = World(desired, minimum=3, maximum=5)
    world.target.enforce = True

    assert (world.go(), world.newest["Cause"]) == (after, cause)


def test_the_range_is_enforced_once():
    world = World(0, minimum=3)
    assert world.go() == 0


def test_an_alarm_calls_a_step_policy():
    world = World()
    world.step_policy()
    world.metrics.data["high"] = [60.0]

    assert world.go() == 3
    assert (world.newest["Description"], world.newest["Cause"], world.newest["StatusCode"]) == (
        "Setting desired count to 3.",
        "monitor alarm high in state ALARM triggered policy out",
        "InProgress",
    )


def test_an_alarm_that_stays_calls_again_when_the_cooldown_is_over():
    world = World()
    world.step_policy()
    world.metrics.data["high"] = [60.0]

    assert [world.go(minutes) for minutes in (0, 1, 1)] == [3, 3, 4]


def test_an_alarm_is_looked_at_once_a_minute():
    world = World()
    world.step_policy()
    for minutes in (0, 0.6, 0.6):
        world.go(minutes)

    assert world.metrics.asked == 2


def test_a_state_that_was_set_by_hand_calls_at_once():
    world = World()
    world.step_policy()
    world.go()
    world.metrics.known["high"] = replace(world.metrics.known["high"], state="ALARM")

    assert world.go(0.6) == 3


def test_an_alarm_below_its_threshold_takes_capacity_away():
    world = World(4)
    world.step_policy(change=-1, comparison="LessThanThreshold")
    world.metrics.data["high"] = [10.0]

    assert world.go() == 3


def test_target_tracking_scales_out_in_proportion():
    world = World()
    high, _ = world.tracking_policy()
    world.metrics.data[high] = [100.0]

    assert world.go() == 4


def test_target_tracking_scales_in_for_the_greatest_load_of_the_time_looked_at():
    world = World(10)
    _, low = world.tracking_policy()
    world.metrics.known[low] = replace(world.metrics.known[low], periods=2, needed=2)
    world.metrics.data[low] = [20.0, 5.0]

    assert world.go() == 4


def test_with_scaling_in_disabled_there_is_no_low_alarm():
    assert [name.split("-")[2] for name in World().tracking_policy(DisableScaleIn=True)] == ["AlarmHigh"]


def test_the_low_alarm_is_below_nine_tenths_of_the_target():
    configuration = {
        "TargetValue": 60.0,
        "CustomizedMetricSpecification": {"MetricName": "m", "Namespace": "n", "Statistic": "Average"},
    }
    assert [
        (alarm["ComparisonOperator"], alarm["Threshold"], alarm["EvaluationPeriods"])
        for alarm in tracking.alarms(configuration, "service/c/s", "p")
    ] == [("GreaterThanThreshold", 60, 3), ("LessThanThreshold", 54, 15)]


def test_requests_per_target_are_those_of_the_load_balancer_of_the_label():
    configuration = {
        "TargetValue": 60.0,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "ALBRequestCountPerTarget",
            "ResourceLabel": "app/web/1/targetgroup/web/2",
        },
    }
    found = tracking.metric(configuration, "service/c/s")
    assert found is not None
    assert {item["Name"]: item["Value"] for item in found["Dimensions"]} == {
        "LoadBalancer": "app/web/1",
        "TargetGroup": "targetgroup/web/2",
    }


def test_an_activity_is_successful_when_the_tasks_run():
    world = World(0, minimum=2)
    world.target.enforce = True
    world.go()
    world.services.found = replace(world.services.found, running=2)
    world.go()

    assert (world.newest["StatusCode"], world.newest["StatusMessage"]) == (
        "Successful",
        "Successfully set desired count to 2. Change successfully fulfilled by ecs.",
    )


def test_an_activity_is_overridden_when_others_change_the_count():
    world = World(0, minimum=2)
    world.target.enforce = True
    world.go()
    world.services.found = replace(world.services.found, desired=7)
    world.go()

    assert world.newest["StatusCode"] == "Overridden"


def test_what_ecs_refuses_is_a_failed_activity_and_no_cooldown():
    world = World()
    world.step_policy()
    world.metrics.data["high"] = [60.0]
    world.services.problem = "no"

    assert world.go() == 2
    assert (world.newest["StatusCode"], world.target.last) == ("Failed", None)


def test_why_nothing_was_scaled_is_told_once():
    world = World(10)
    world.step_policy()
    world.metrics.data["high"] = [60.0]
    world.go()
    world.go(1)

    told = world.store.activities("1", "r")
    assert [reason["Code"] for item in told for reason in item.not_scaled] == ["AlreadyAtMaxCapacity"]


def test_a_scheduled_action_changes_the_range_and_the_service():
    world = World()
    world.action("at(2026-01-01T00:05:00)", MinCapacity=4, MaxCapacity=6)

    assert [world.go(minutes) for minutes in (4.9, 0.2)] == [2, 4]
    assert (world.target.minimum, world.target.maximum) == (4, 6)
    assert [item.description for item in world.store.activities("1", "r")] == [
        "Setting desired count to 4.",
        "Setting min capacity to 4 and max capacity to 6",
    ]


def test_a_scheduled_action_that_would_turn_the_range_round_fails():
    world = World()
    world.action("rate(1 minute)", MinCapacity=11)

    assert world.go(1) == 2
    assert (world.newest["StatusCode"], world.target.minimum) == ("Failed", 1)


def test_a_suspended_scheduled_action_does_nothing_afterwards_either():
    world = World()
    world.action("at(2026-01-01T00:05:00)", MinCapacity=4)
    world.target.suspended["ScheduledScalingSuspended"] = True
    world.go(6)
    world.target.suspended.clear()

    assert world.go(1) == 2


def test_pages_of_an_answer_follow_each_other():
    first = requests.page("X", ["a", "b", "c"], {"MaxResults": 2})
    assert first == {"X": ["a", "b"], "NextToken": "2"}
    assert requests.page("X", ["a", "b", "c"], {"MaxResults": 2, "NextToken": "2"}) == {"X": ["c"]}
