"""What scaling policies want, and what is done of it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstack_dataplane.application_autoscaling.adjustment import Step, StepScaling, TargetTracking
from localstack_dataplane.application_autoscaling.decision import Bounds, Proposal, Scaled, decide

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CAPACITIES = st.integers(min_value=0, max_value=500)
METRICS = st.floats(min_value=0, max_value=1000, allow_nan=False)
# As in https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
STEPS = (Step(lower=0, upper=20, adjustment=10), Step(lower=20, adjustment=30))


def percent(*steps: Step, minimum: int = 0) -> StepScaling:
    return StepScaling(
        adjustment_type="PercentChangeInCapacity", steps=steps, minimum_magnitude=minimum, cooldown=0
    )


def by(change: int, name: str = "p", *, tracking: bool = False, cooldown: float = 300) -> Proposal:
    return Proposal(
        policy=name,
        cause="c",
        capacity=lambda current: max(current + change, 0),
        out_cooldown=cooldown,
        in_cooldown=cooldown,
        tracking=tracking,
    )


def outcome(*proposals: Proposal, capacity: int = 4, low: int = 1, high: int = 10, **options):
    bounds = Bounds(minimum=low, maximum=high, **options.pop("bounds", {}))
    made = decide(
        proposals, capacity=capacity, bounds=bounds, last=options.pop("last", None), moment=NOW, **options
    )
    return None if made is None else made.reason or made.after


def scaled(before: int, after: int, seconds: float = 60) -> Scaled:
    return Scaled(before=before, after=after, until=NOW + timedelta(seconds=seconds))


# Adjustments


@pytest.mark.parametrize(("difference", "capacity"), [(0, 11), (19.9, 11), (20, 13), (900, 13), (-1, 10)])
def test_the_step_is_chosen_by_the_size_of_the_breach(difference, capacity):
    assert percent(*STEPS).capacity(10, difference, above=True) == capacity


@pytest.mark.parametrize(("difference", "capacity"), [(0, 9), (-19.9, 9), (-20, 7), (-900, 7), (1, 10)])
def test_below_a_threshold_the_upper_bound_is_inclusive(difference, capacity):
    steps = (Step(lower=-20, upper=0, adjustment=-10), Step(upper=-20, adjustment=-30))
    assert percent(*steps).capacity(10, difference, above=False) == capacity


@pytest.mark.parametrize(
    ("current", "change", "capacity"), [(10, 127, 22), (1, 50, 2), (1, -67, 0), (10, -67, 4), (0, 50, 0)]
)
def test_percents_are_rounded_towards_zero_but_not_to_it(current, change, capacity):
    assert percent(Step(lower=0, adjustment=change)).capacity(current, 0, above=True) == capacity


def test_a_quarter_of_four_tasks_is_two_with_a_minimum_magnitude_of_two():
    assert percent(Step(lower=0, adjustment=25), minimum=2).capacity(4, 1, above=True) == 6


def test_an_exact_capacity_is_taken_as_it_is():
    policy = StepScaling(adjustment_type="ExactCapacity", steps=(Step(lower=0, adjustment=7),))
    assert policy.capacity(2, 5, above=True) == 7


@pytest.mark.parametrize(
    ("current", "metric", "capacity"),
    [(3, 100, 6), (3, 50, 3), (3, 51, 4), (10, 0, 0), (4, 26, 3), (3, 30, 2)],
)
def test_target_tracking_spreads_the_load(current, metric, capacity):
    assert TargetTracking(target=50).capacity(current, metric) == capacity


@given(CAPACITIES, METRICS, st.floats(min_value=0.1, max_value=1000))
def test_the_tracked_capacity_is_the_least_that_is_enough(current, metric, target):
    wanted = TargetTracking(target=target).capacity(current, metric)
    load = current * metric
    assert wanted * target >= load * (1 - 1e-6) - 1e-6
    if metric <= target:
        assert wanted <= current
        assert wanted == 0 or (wanted - 1) * target < load * (1 + 1e-6) + 1e-6
    else:
        assert wanted > current


# Decisions


def test_the_largest_capacity_prevails():
    assert (outcome(by(1), by(3)), outcome(by(-1), by(-3)), outcome(by(-1), by(2))) == (7, 3, 6)


@given(
    st.lists(st.integers(min_value=-600, max_value=600), min_size=1, max_size=4),
    CAPACITIES,
    st.integers(min_value=0, max_value=50),
    st.integers(min_value=0, max_value=50),
    st.one_of(st.none(), st.tuples(CAPACITIES, CAPACITIES)),
)
def test_a_change_never_leads_further_from_the_range(changes, capacity, low, width, last):
    made = decide(
        [by(change) for change in changes],
        capacity=capacity,
        bounds=Bounds(minimum=low, maximum=low + width),
        last=scaled(*last) if last else None,
        moment=NOW,
    )
    if made is not None and not made.reason:
        assert made.after != capacity
        assert low <= made.after <= low + width


def test_at_the_ends_of_the_range_nothing_is_done_and_the_reason_is_told():
    assert (outcome(by(1), capacity=10), outcome(by(-1), capacity=1)) == (
        "AlreadyAtMaxCapacity",
        "AlreadyAtMinCapacity",
    )


# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html


def test_from_below_the_range_scaling_out_begins_at_its_minimum():
    assert outcome(by(1), capacity=0, low=3) == 4


def test_below_the_range_scaling_in_changes_nothing():
    assert outcome(by(-1), capacity=2, low=3) == "AlreadyAtMinCapacity"


def test_from_above_the_range_scaling_in_begins_at_its_maximum():
    assert outcome(by(-1), capacity=14) == 9


def test_above_the_range_scaling_out_changes_nothing():
    assert outcome(by(1), capacity=14) == "AlreadyAtMaxCapacity"


# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepScalingPolicyConfiguration.html


def test_in_a_scale_out_cooldown_a_larger_step_adds_the_difference():
    assert outcome(by(3), capacity=6, last=scaled(4, 6)) == 7


def test_in_a_scale_out_cooldown_the_same_step_adds_nothing():
    assert outcome(by(2), capacity=6, last=scaled(4, 6)) == "AlreadyAtDesiredCapacity"


def test_after_the_cooldown_the_step_counts_again():
    assert outcome(by(2), capacity=6, last=scaled(4, 6, seconds=0)) == 8


def test_in_a_scale_in_cooldown_nothing_more_is_taken_away():
    assert outcome(by(-1), capacity=4, last=scaled(5, 4)) is None


def test_a_scale_in_cooldown_does_not_keep_from_scaling_out():
    assert outcome(by(2), capacity=4, last=scaled(5, 4)) == 6


def test_a_deployment_keeps_from_scaling_in_alone():
    assert (outcome(by(-1), deploying=True), outcome(by(1), deploying=True)) == (None, 5)


def test_target_tracking_scales_in_when_all_agree():
    assert outcome(by(-1, tracking=True), holding=True) is None
    assert outcome(by(-2, tracking=True), by(0, tracking=True)) == "AutoScalingAnticipatedFlapping"
    assert outcome(by(-2, tracking=True), by(-1, tracking=True)) == 3


def test_target_tracking_does_not_block_a_step_policy():
    assert outcome(by(-1), by(0, tracking=True), holding=True) == 3


@pytest.mark.parametrize(("side", "change"), [("in_suspended", -1), ("out_suspended", 1)])
def test_a_suspended_side_does_nothing(side, change):
    assert (outcome(by(change), bounds={side: True}), outcome(by(-change), bounds={side: True})) == (
        None,
        4 - change,
    )
