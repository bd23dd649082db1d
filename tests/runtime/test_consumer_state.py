from dataclasses import replace

import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.consumer_state import (
    ASKED_WITHIN_SECONDS,
    ATTEMPT_LIMIT_SECONDS,
    LIMIT_SECONDS,
    ConsumerState,
    Sight,
)

IDLE = Sight(wanted=True, queues=1, room=True, asked=0.4, running=0, waiting=0, slots=2)
BUSY = replace(IDLE, room=False, asked=3600.0, running=2)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1000.0)


@pytest.fixture
def state(clock: FakeClock) -> ConsumerState:
    return ConsumerState(clock)


def turn(state: ConsumerState, clock: FakeClock, sight: Sight, seconds: float) -> None:
    """The loop turns every second and sees the same."""
    for _ in range(int(seconds)):
        state.tick(sight)
        clock.now += 1


def test_before_the_broker_was_reached_the_worker_is_unhealthy(state: ConsumerState) -> None:
    assert state.verdict() == (False, "starting for 0 s, the broker has not been reached yet")


@pytest.mark.parametrize("sight", [IDLE, BUSY, replace(BUSY, running=1, waiting=1, slots=1)])
def test_a_worker_that_waits_for_messages_or_is_busy_is_healthy_for_ever(
    state: ConsumerState, clock: FakeClock, sight: Sight
) -> None:
    turn(state, clock, sight, 10 * LIMIT_SECONDS)
    assert state.verdict() == (True, "the event loop turned 1 s ago, 60 s allowed")


def test_when_the_loop_stalls_the_worker_is_unhealthy(state: ConsumerState, clock: FakeClock) -> None:
    state.tick(BUSY)
    clock.now += LIMIT_SECONDS
    assert not state.verdict()[0]


def test_a_turn_after_a_stall_makes_it_healthy_again(state: ConsumerState, clock: FakeClock) -> None:
    state.tick(IDLE)
    clock.now += 2 * LIMIT_SECONDS
    state.tick(IDLE)
    assert state.verdict()[0]


DEAF = {
    "no queue is consumed from": replace(IDLE, queues=0),
    "Redis is not asked for messages": replace(IDLE, asked=ASKED_WITHIN_SECONDS + 1),
    "1 tasks received do not start": replace(IDLE, running=1, waiting=1),
    "no task runs and yet no message is taken": replace(IDLE, room=False),
}


@pytest.mark.parametrize("reason", DEAF)
def test_a_loop_that_turns_and_does_not_consume_is_unhealthy_after_a_minute(
    state: ConsumerState, clock: FakeClock, reason: str
) -> None:
    turn(state, clock, DEAF[reason], LIMIT_SECONDS - 1)
    assert state.verdict() == (True, f"{reason} for 59 s, 60 s allowed")
    turn(state, clock, DEAF[reason], 1)
    assert state.verdict() == (False, f"{reason} for 60 s, 60 s allowed")


def test_redis_that_was_never_asked_counts_as_not_asked(state: ConsumerState, clock: FakeClock) -> None:
    turn(state, clock, replace(IDLE, asked=None), LIMIT_SECONDS)
    assert not state.verdict()[0]


def test_one_good_turn_ends_the_count(state: ConsumerState, clock: FakeClock) -> None:
    deaf = DEAF["no queue is consumed from"]
    turn(state, clock, deaf, LIMIT_SECONDS - 1)
    turn(state, clock, IDLE, 1)
    turn(state, clock, deaf, LIMIT_SECONDS - 1)
    assert state.verdict()[0]


@pytest.mark.parametrize("reason", DEAF)
def test_a_worker_that_is_to_take_no_messages_is_healthy(
    state: ConsumerState, clock: FakeClock, reason: str
) -> None:
    turn(state, clock, replace(DEAF[reason], wanted=False), 10 * LIMIT_SECONDS)
    assert state.verdict()[0]


def test_without_the_broker_a_worker_stays_healthy_as_long_as_it_tries(
    state: ConsumerState, clock: FakeClock
) -> None:
    state.tick(BUSY)
    tries = 0
    state.disconnected(lambda: tries)
    for _ in range(10):
        clock.now += ATTEMPT_LIMIT_SECONDS - 1
        tries += 1
        assert state.verdict()[0]
    assert state.verdict()[1] == "no broker for 2990 s, connecting again; running tasks go on"


def test_a_worker_that_no_longer_tries_to_reach_the_broker_is_unhealthy(
    state: ConsumerState, clock: FakeClock
) -> None:
    state.tick(IDLE)
    state.disconnected(lambda: 3)
    clock.now += ATTEMPT_LIMIT_SECONDS
    assert state.verdict() == (False, "no broker for 300 s, and no attempt to reach it for 300 s")


def test_a_worker_that_stops_stays_healthy_for_its_running_tasks(
    state: ConsumerState, clock: FakeClock
) -> None:
    state.tick(BUSY)
    state.stopping()
    clock.now += 100
    assert state.verdict() == (True, "stopping for 100 s, running tasks finish")


def test_it_loops_between_a_turn_and_the_loss_of_the_broker(state: ConsumerState) -> None:
    before = state.looping
    state.tick(IDLE)
    during = state.looping
    state.disconnected(lambda: 0)
    assert (before, during, state.looping) == (False, True, False)
