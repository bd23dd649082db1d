import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.log_turns import (
    LONGEST_PAUSE_SECONDS,
    RUNNING_SECONDS,
    Attempts,
    KeptLog,
    to_empty,
    worth_sending,
)

MIB = 2**20


def test_pauses_double_up_to_ten_seconds() -> None:
    clock = FakeClock()
    attempts, pauses = Attempts(clock), []
    for _ in range(8):
        attempts.failed("log")
        began = clock()
        while not attempts.due("log"):
            clock.now += 0.5
        pauses.append(clock() - began)
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10, 10]


def test_one_log_that_fails_holds_up_no_other() -> None:
    attempts = Attempts(FakeClock())
    attempts.failed("one")
    assert (attempts.due("one"), attempts.due("other")) == (False, True)


def test_what_was_sent_is_as_if_it_had_never_failed() -> None:
    attempts = Attempts(FakeClock())
    attempts.failed("log")
    attempts.done("log")
    assert (attempts.due("log"), attempts.failing) == (True, 0)


def test_a_pause_leaves_attempts_before_a_worker_is_killed() -> None:
    assert LONGEST_PAUSE_SECONDS <= 95 / 5


@pytest.mark.parametrize(
    ("size", "sent", "seconds", "worth"),
    [
        (10, 0, RUNNING_SECONDS, True),
        (10, 0, RUNNING_SECONDS - 1, False),
        (10, 10, 3600, False),
        (1 * MIB, 1 * MIB - 1, RUNNING_SECONDS, True),
        (9 * MIB, 8 * MIB, RUNNING_SECONDS, False),
        (9 * MIB, 8 * MIB, 900, True),
        (20 * MIB, 19 * MIB, 3600, False),
        (20 * MIB, 16 * MIB, RUNNING_SECONDS, True),
    ],
)
def test_a_running_log_is_sent_once_a_minute_and_a_large_one_when_it_has_grown(
    size: int, sent: int, seconds: float, worth: bool
) -> None:
    assert worth_sending(size, sent_size=sent, seconds_since=seconds) == worth


def test_what_was_sent_stays_for_an_hour() -> None:
    kept = [KeptLog("young", 10, 3000), KeptLog("old", 10, 4000)]
    assert to_empty(kept) == ["old"]


def test_a_full_disk_empties_the_oldest_first_and_nothing_of_the_last_minute() -> None:
    kept = [KeptLog("new", 700 * MIB, 30), KeptLog("older", 700 * MIB, 50), KeptLog("oldest", 700 * MIB, 70)]
    assert to_empty(kept) == ["oldest"]
