import pytest

from kf_airflow_runtime.work import Work


@pytest.mark.parametrize(
    ("running", "waiting", "busy"), [(0, 0, False), (1, 0, True), (0, 1, True), (2, 1, True)]
)
def test_a_worker_is_busy_with_what_runs_and_with_what_is_about_to(
    running: int, waiting: int, busy: bool
) -> None:
    work = Work()
    work.count(running=running, waiting=waiting)
    assert work.busy == busy


def test_a_worker_is_busy_as_long_as_a_log_would_be_lost_with_it() -> None:
    work = Work()
    work.count(running=0, waiting=0, unsent=1)
    assert (work.busy, work.changed.is_set()) == (True, True)


def test_only_the_first_task_and_the_end_of_the_last_wake_anybody() -> None:
    work, woken = Work(), []
    for running in (0, 1, 2, 1, 0):
        work.count(running=running, waiting=0)
        woken.append(work.changed.is_set())
        work.changed.clear()
    assert woken == [False, True, False, False, True]


def test_messages_are_taken_unless_it_ends_or_is_replaced() -> None:
    takes = [Work().takes_messages, Work(terminated=True).takes_messages, Work(replaced="x").takes_messages]
    assert takes == [True, False, False]
