"""Which slots of the executor are freed, and when."""

import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.held_slots import LOOK_SECONDS, HeldSlots


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def slots(clock: FakeClock) -> HeldSlots:
    return HeldSlots(clock)


def test_it_looks_now_and_then(slots: HeldSlots, clock: FakeClock) -> None:
    seen = []
    for clock.now in (0, LOOK_SECONDS - 1, LOOK_SECONDS):
        seen.append(slots.due)
    slots.to_free([], [])

    assert (seen, slots.due) == ([False, False, True], False)


def test_the_slot_of_a_task_that_is_queued_or_runs_is_held(slots: HeldSlots) -> None:
    looks = [slots.to_free(["runs"], ["runs", "another scheduler's"]) for _ in range(3)]

    assert looks == [set(), set(), set()]


def test_a_slot_is_freed_at_the_second_look_at_which_its_task_is_done_with(slots: HeldSlots) -> None:
    looks = [slots.to_free(["done"], unfinished) for unfinished in (["done"], [], [])]

    assert looks == [set(), set(), {"done"}]


def test_a_result_that_comes_between_two_looks_frees_its_slot_itself(slots: HeldSlots) -> None:
    assert [slots.to_free(held, []) for held in (["late"], [])] == [set(), set()]
