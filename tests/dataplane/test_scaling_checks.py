"""What Application Auto Scaling refuses."""

import pytest

from localstack_dataplane.application_autoscaling import checks, requests
from localstack_dataplane.application_autoscaling.errors import ApiError

STEP = {"AdjustmentType": "ChangeInCapacity"}
TRACKING = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}


def step(lower=None, upper=None, change=1):
    bounds = {"MetricIntervalLowerBound": lower, "MetricIntervalUpperBound": upper}
    return {"ScalingAdjustment": change} | {
        name: value for name, value in bounds.items() if value is not None
    }


def refused(kind, configuration):
    try:
        checks.policy(kind, configuration, "ecs")
    except ApiError as error:
        return error.code == "ValidationException"
    return False


@pytest.mark.parametrize(
    "steps",
    [
        [step(0)],
        [step(0, 10), step(10)],
        [step(-10, 0), step(upper=-10)],
        [step(upper=0), step(0)],
    ],
)
def test_steps_without_gap_or_overlap_are_taken(steps):
    assert not refused("StepScaling", STEP | {"StepAdjustments": steps})


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [step()],
        [step(10, 0)],
        [step(0, 10), step(20)],
        [step(0, 10), step(5)],
        [step(0, 10)],
        [step(-10, 0)],
        [step(0), step(10)],
    ],
)
def test_other_steps_are_refused(steps):
    assert refused("StepScaling", STEP | {"StepAdjustments": steps})


@pytest.mark.parametrize(
    "configuration",
    [
        {"StepAdjustments": [step(0)]},
        {"AdjustmentType": "Double", "StepAdjustments": [step(0)]},
        {"AdjustmentType": "ExactCapacity", "StepAdjustments": [step(0, change=-1)]},
        {**STEP, "StepAdjustments": [step(0)], "Cooldown": -1},
        {**STEP, "StepAdjustments": [step(0)], "MetricAggregationType": "Median"},
    ],
)
def test_a_malformed_step_policy_is_refused(configuration):
    assert refused("StepScaling", configuration)


@pytest.mark.parametrize(
    "configuration",
    [
        {},
        {"TargetValue": 50.0},
        {**TRACKING, "TargetValue": 0},
        {**TRACKING, "TargetValue": 50, "CustomizedMetricSpecification": {"MetricName": "m"}},
        {"TargetValue": 50, "CustomizedMetricSpecification": {"MetricName": "m"}},
        {
            "TargetValue": 50,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ALBRequestCountPerTarget"},
        },
        {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "Mood"}},
        {**TRACKING, "TargetValue": 50, "ScaleInCooldown": -1},
    ],
)
def test_a_malformed_target_tracking_policy_is_refused(configuration):
    assert refused("TargetTrackingScaling", configuration)


@pytest.mark.parametrize(
    "members",
    [
        ("ecs", "service/c/s", "dynamodb:table:ReadCapacityUnits"),
        ("ecs", "table/t", "ecs:service:DesiredCount"),
        ("ecs", "service/s", "ecs:service:DesiredCount"),
        ("moon", "service/c/s", "moon:service:DesiredCount"),
    ],
)
def test_what_does_not_belong_together_is_refused(members):
    names = ("ServiceNamespace", "ResourceId", "ScalableDimension")
    with pytest.raises(ApiError):
        checks.key_of(dict(zip(names, members, strict=True)))


@pytest.mark.parametrize("ends", [(2, 1), (-1, 1), (0, -1)])
def test_a_range_that_is_none_is_refused(ends):
    with pytest.raises(ApiError):
        checks.capacity_range(*ends)


def test_a_new_target_needs_both_ends():
    with pytest.raises(ApiError):
        requests.capacity({"MinCapacity": 1}, None)


def test_a_token_that_was_not_given_out_is_refused():
    with pytest.raises(ApiError) as caught:
        requests.page("X", [], {"NextToken": "what"})
    assert caught.value.code == "InvalidNextTokenException"
