import math
from itertools import pairwise

import pytest

from kf_airflow.scaling_steps import MOST_STEPS, Step, steps_in, steps_out


def added(steps: tuple[Step, ...], missing: int) -> int:
    """What a policy does about a metric, as Application Auto Scaling reads its steps."""
    difference = missing - 1 if missing > 0 else missing + 1
    for step in steps:
        lower = -math.inf if step.lower is None else step.lower
        upper = math.inf if step.upper is None else step.upper
        if lower <= difference < upper if missing > 0 else lower < difference <= upper:
            return step.adjustment
    raise AssertionError(f"no step for {missing}")


@pytest.mark.parametrize("missing", [1, 2, 3, 10])
def test_as_many_are_added_as_are_missing(missing: int) -> None:
    assert added(steps_out(100), missing) == missing


def test_where_every_number_has_a_step_each_is_exact() -> None:
    assert [added(steps_out(20), missing) for missing in range(1, 21)] == list(range(1, 21))


def test_the_first_step_is_for_any_that_are_missing() -> None:
    assert steps_out(1) == (Step(0, None, 1),)


@pytest.mark.parametrize("most", [1, 3, 20, 21, 100, 5000])
def test_never_more_are_added_than_are_missing_and_never_less_than_half(most: int) -> None:
    for missing in range(1, most + 1):
        assert missing / 2 <= added(steps_out(most), missing) <= missing


@pytest.mark.parametrize("most", [1, 20, 21, 100, 5000])
def test_a_policy_has_room_for_its_steps(most: int) -> None:
    assert len(steps_out(most)) == len(steps_in(most)) <= MOST_STEPS


def test_more_than_there_may_be_are_still_added_in_one_step() -> None:
    assert added(steps_out(100), 1000) == 100


@pytest.mark.parametrize("most", [2, 100])
def test_steps_follow_each_other_without_a_gap(most: int) -> None:
    assert all(one.upper == other.lower for one, other in pairwise(steps_out(most)))


@pytest.mark.parametrize("most", [1, 3, 20, 100, 5000])
def test_as_many_are_taken_away_as_would_be_added(most: int) -> None:
    for number in range(1, most + 1):
        assert added(steps_in(most), -number) == -added(steps_out(most), number)
