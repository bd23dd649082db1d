"""Application Auto Scaling: what it refuses, as each operation's page lists it.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html
"""

from collections.abc import Callable
from typing import Any

import pytest
from contract import Cloud, unique
from refusals import refused
from scaling import STEP_OUT, Scaled, scalable

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def idle(cloud: Cloud) -> str:
    """A task that does nothing, and stops at once."""
    return cloud.task_definition(cloud.container("main", "serve", stopTimeout=2))


@pytest.fixture
def scaled(cloud: Cloud, idle: str) -> Make:
    """Makes a service that is a scalable target."""
    return lambda task=idle, **options: scalable(cloud, task, **options)


@pytest.fixture(scope="module")
def nothing(cloud: Cloud) -> Scaled:
    """A service that does not exist."""
    return Scaled(cloud, unique("nothing"), "none")


def test_a_service_that_does_not_exist_is_no_target(nothing: Scaled) -> None:
    call = nothing.scaling.register_scalable_target
    assert refused(call, **nothing.target, MinCapacity=1, MaxCapacity=2) == "ValidationException"


@pytest.mark.parametrize("ends", [{}, {"MinCapacity": 1}, {"MinCapacity": 3, "MaxCapacity": 2}])
def test_a_new_target_needs_a_range(cloud: Cloud, idle: str, ends: dict[str, int]) -> None:
    with cloud.service(idle, count=0) as name:
        service = Scaled(cloud, name, "none")
        call = service.scaling.register_scalable_target
        assert refused(call, **service.target, **ends) == "ValidationException"


def test_what_belongs_to_a_target_that_is_not_registered_is_not_found(nothing: Scaled) -> None:
    client, target = nothing.scaling, nothing.target
    action = {"Schedule": "rate(1 minute)", "ScalableTargetAction": {"MinCapacity": 1}}
    policy = {"PolicyType": "StepScaling", "StepScalingPolicyConfiguration": STEP_OUT}
    assert {
        refused(client.deregister_scalable_target, **target),
        refused(client.put_scaling_policy, **target, PolicyName="p", **policy),
        refused(client.delete_scaling_policy, **target, PolicyName="p"),
        refused(client.put_scheduled_action, **target, ScheduledActionName="a", **action),
        refused(client.delete_scheduled_action, **target, ScheduledActionName="a"),
    } == {"ObjectNotFoundException"}


def test_malformed_policies_and_schedules_are_refused(scaled: Make) -> None:
    with scaled(count=0, minimum=0) as service:
        put, schedule = service.scaling.put_scaling_policy, service.scaling.put_scheduled_action
        gap = [
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
        ]
        policy = {"PolicyName": "p", **service.target}
        action = {"ScheduledActionName": "a", "ScalableTargetAction": {"MinCapacity": 1}, **service.target}
        assert {
            refused(
                put,
                **policy,
                PolicyType="StepScaling",
                StepScalingPolicyConfiguration={**STEP_OUT, "StepAdjustments": gap},
            ),
            refused(
                put,
                **policy,
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={"TargetValue": 5.0},
            ),
            refused(schedule, **action, Schedule="now"),
            refused(schedule, **action, Schedule="cron(0 10 * * * *)"),
            refused(schedule, **action, Schedule="rate(1 minute)", Timezone="Mars/Olympus"),
        } == {"ValidationException"}
