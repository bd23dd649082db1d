import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.dag_turn import LIMIT_SECONDS, LOOK_SECONDS, DagTurn, Turn


class Ecs:
    """Whether ECS wants the task; or what goes wrong when it is asked."""

    def __init__(self, answer: bool | Exception) -> None:
        self.answer = answer
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_whose_version_holds_parses_and_asks_nobody(clock: FakeClock) -> None:
    ecs = Ecs(answer=False)

    assert DagTurn("a", ecs, clock).next("a") is Turn.KEEP
    assert ecs.asked == 0


def test_the_first_of_all_takes_its_turn(clock: FakeClock) -> None:
    assert DagTurn("a", Ecs(answer=False), clock).next(None) is Turn.TAKE


def test_the_processor_of_the_new_deployment_takes_its_turn(clock: FakeClock) -> None:
    assert DagTurn("b", Ecs(answer=True), clock).next("a") is Turn.TAKE


def test_the_processor_of_the_old_deployment_waits_as_soon_as_the_other_holds(clock: FakeClock) -> None:
    turn = DagTurn("a", Ecs(answer=False), clock)

    assert [turn.next(stored) for stored in ("a", "b")] == [Turn.KEEP, Turn.WAIT]


def test_it_goes_on_until_then_though_ecs_wants_the_other(clock: FakeClock) -> None:
    turn = DagTurn("a", Ecs(answer=False), clock)
    clock.now += 3600

    assert turn.next("a") is Turn.KEEP


def test_it_comes_back_when_the_deployment_is_rolled_back(clock: FakeClock) -> None:
    ecs = Ecs(answer=False)
    turn = DagTurn("a", ecs, clock)
    assert turn.next("b") is Turn.WAIT
    ecs.answer = True
    assert turn.next("b") is Turn.WAIT
    clock.now += LOOK_SECONDS

    assert turn.next("b") is Turn.TAKE


def test_ecs_is_asked_every_ten_seconds(clock: FakeClock) -> None:
    ecs = Ecs(answer=False)
    turn = DagTurn("a", ecs, clock)
    for _ in range(61):
        turn.next("b")
        clock.now += 1

    assert ecs.asked == 7


def test_ecs_is_asked_anew_by_one_whose_place_is_taken_soon_after_it_took_its_turn(clock: FakeClock) -> None:
    ecs = Ecs(answer=True)
    turn = DagTurn("b", ecs, clock)
    assert [turn.next(stored) for stored in ("a", "b")] == [Turn.TAKE, Turn.KEEP]
    ecs.answer = False

    assert turn.next("c") is Turn.WAIT


def test_one_whose_place_was_taken_waits_while_ecs_cannot_be_asked(clock: FakeClock) -> None:
    turn = DagTurn("a", Ecs(LookupError("no service")), clock)
    turn.next("a")
    clock.now += 10 * LIMIT_SECONDS

    assert (turn.next("b"), turn.problem) == (Turn.WAIT, "LookupError: no service")


def test_one_that_has_just_started_does_so_for_five_minutes(clock: FakeClock) -> None:
    turn = DagTurn("b", Ecs(LookupError("no service")), clock)
    turns = []
    for _ in range(31):
        turns.append(turn.next("a"))
        clock.now += LOOK_SECONDS

    assert turns == [Turn.WAIT] * 30 + [Turn.TAKE]


def test_the_reason_is_gone_when_ecs_answers(clock: FakeClock) -> None:
    ecs = Ecs(LookupError("no service"))
    turn = DagTurn("b", ecs, clock)
    turn.next("a")
    ecs.answer = False
    clock.now += LOOK_SECONDS

    assert (turn.next("a"), turn.problem) == (Turn.WAIT, "")


def test_outside_ecs_the_last_one_takes_its_turn_as_airflow_has_it(clock: FakeClock) -> None:
    assert DagTurn("b", None, clock).next("a") is Turn.TAKE
