import pytest

from kf_airflow_runtime.consumer_state import LIMIT_SECONDS, ConsumerState


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> ConsumerState:
    return ConsumerState(clock)


def test_before_the_broker_was_reached_the_worker_is_unhealthy(state: ConsumerState) -> None:
    assert state.verdict() == (False, "starting for 0 s, the broker has not been reached yet")


def test_while_the_loop_turns_the_worker_is_healthy(state: ConsumerState, clock: Clock) -> None:
    state.tick()
    clock.now += LIMIT_SECONDS - 1
    assert state.verdict() == (True, "the event loop turned 59 s ago, 60 s allowed")


def test_when_the_loop_stalls_the_worker_is_unhealthy(state: ConsumerState, clock: Clock) -> None:
    state.tick()
    clock.now += LIMIT_SECONDS
    assert not state.verdict()[0]


def test_a_turn_after_a_stall_makes_it_healthy_again(state: ConsumerState, clock: Clock) -> None:
    state.tick()
    clock.now += 2 * LIMIT_SECONDS
    state.tick()
    assert state.verdict()[0]


def test_without_the_broker_a_worker_stays_healthy_for_its_running_tasks(
    state: ConsumerState, clock: Clock
) -> None:
    state.tick()
    state.disconnected()
    clock.now += 600
    assert state.verdict() == (True, "no broker for 600 s, connecting again; running tasks go on")


def test_a_worker_that_stops_stays_healthy_for_its_running_tasks(state: ConsumerState, clock: Clock) -> None:
    state.tick()
    state.stopping()
    clock.now += 100
    assert state.verdict() == (True, "stopping for 100 s, running tasks finish")
