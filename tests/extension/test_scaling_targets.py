"""Application Auto Scaling: scalable targets of ECS services, and scheduled actions.

https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contract import wait_for

Make = Callable[..., Any]


# Scalable targets. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html


def test_a_service_outside_the_range_is_moved_into_it_at_once(scaled: Make) -> None:
    with scaled(count=0, minimum=2) as service:
        service.wait(2, minutes=0)


def test_an_update_moves_the_service_too_and_leaves_what_it_does_not_name(scaled: Make) -> None:
    with scaled(count=2) as service:
        service.register(MaxCapacity=1)
        service.wait(1, minutes=0)
        (target,) = service.scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[service.target["ResourceId"]]
        )["ScalableTargets"]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 1)


def test_an_activity_tells_what_was_done_and_why(scaled: Make) -> None:
    # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
    with scaled(count=0) as service:
        activity = wait_for(
            "the activity is successful",
            service.activities,
            lambda found: found and found[0]["StatusCode"] == "Successful",
            timeout_seconds=60,
        )[0]
        assert (activity["Description"], activity["StatusMessage"]) == (
            "Setting desired count to 1.",
            "Successfully set desired count to 1. Change successfully fulfilled by ecs.",
        )


# Schedules. https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-additional-cli-commands.html


def test_a_scheduled_action_changes_the_range_and_the_service(scaled: Make) -> None:
    with scaled() as service:
        at = datetime.now(UTC) + timedelta(minutes=2)
        service.scaling.put_scheduled_action(
            **service.target,
            ScheduledActionName="more",
            Schedule=f"at({at:%Y-%m-%dT%H:%M:%S})",
            ScalableTargetAction={"MinCapacity": 3, "MaxCapacity": 3},
        )
        service.wait(3, minutes=5)
        (target,) = service.scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[service.target["ResourceId"]]
        )["ScalableTargets"]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 3)


@pytest.mark.parametrize("schedule", ["rate(1 minute)", "cron(* * * * ? *)"])
def test_a_recurring_action_runs(scaled: Make, schedule: str) -> None:
    with scaled() as service:
        service.scaling.put_scheduled_action(
            **service.target,
            ScheduledActionName="more",
            Schedule=schedule,
            ScalableTargetAction={"MinCapacity": 2},
        )
        service.wait(2, minutes=3)
