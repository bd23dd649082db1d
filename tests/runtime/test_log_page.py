from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kf_airflow_runtime.log_page import LogPages, Page, ServedLog, Try, WorkerError
from kf_airflow_runtime.stored_logs import StoredLog, StoreError

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
FIRST, SECOND = "20261125100000000000-aaaaaaaa", "20261125110000000000-bbbbbbbb"

RUNNING = Try("running", writes=True, ended=None, host="10.0.0.5")
ENDED = Try("success", writes=False, ended=LONG_AGO, host="10.0.0.5")
NEVER_RAN = Try("success", writes=False, ended=LONG_AGO, host="")


def stored(
    text: str = "a\nb\n",
    identity: str = FIRST,
    modified: datetime = LONG_AGO,
    ended: bool = True,
    error: Exception | None = None,
) -> StoredLog:
    def pieces() -> Any:
        yield text.encode()
        if error:
            raise error

    return StoredLog(f"s3://logs/{identity}", identity, len(text), modified, ended, pieces)


def served(text: str = "a\nb\nc\n", identity: str | None = FIRST) -> ServedLog:
    return ServedLog("http://10.0.0.5:8793/log/x", identity, len(text), lambda: iter([text.encode()]))


class System:
    """S3 and a worker, of which each answer or absence is given."""

    def __init__(self) -> None:
        self.store: list[StoredLog] | StoreError = []
        self.worker: ServedLog | WorkerError = WorkerError("it has no such log")
        self.asked_worker = 0
        self.now = NOW
        self.while_asleep: Callable[[], None] = lambda: None

    def find(self, _path: str) -> list[StoredLog]:
        if isinstance(self.store, StoreError):
            raise self.store
        return self.store

    def serve(self, _host: str, _path: str) -> ServedLog:
        self.asked_worker += 1
        if isinstance(self.worker, WorkerError):
            raise self.worker
        return self.worker

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.while_asleep()

    def page(self, of: Try, retention_days: int | None = None) -> tuple[list[str], Page]:
        pages = LogPages(self.find, self.serve, retention_days, lambda: self.now, self.sleep)
        page = pages.page("x", of)
        return list(page.lines()), page


@pytest.fixture
def system() -> System:
    return System()


def test_a_log_that_s3_has_to_its_end_is_read_from_there_alone(system: System) -> None:
    system.store = [stored()]
    lines, page = system.page(ENDED)
    assert (lines, page.notices, system.asked_worker) == (["a", "b"], [], 0)


def test_what_a_running_task_has_written_comes_from_its_worker(system: System) -> None:
    system.worker = served()
    assert system.page(RUNNING)[0] == ["a", "b", "c"]


def test_a_line_that_is_being_written_is_not_shown_yet(system: System) -> None:
    system.worker = served("a\nhal")
    assert system.page(RUNNING)[0] == ["a"]


def test_a_last_line_without_an_end_is_shown_once_the_task_has_ended(system: System) -> None:
    system.store = [stored("a\nhalf")]
    assert system.page(ENDED)[0] == ["a", "half"]


def test_what_both_have_is_shown_once(system: System) -> None:
    system.store, system.worker = [stored(ended=False)], served()
    lines, page = system.page(RUNNING)
    assert (lines, page.sources[-1]) == (["a", "b", "c"], "http://10.0.0.5:8793/log/x")


def test_the_parts_of_a_try_on_several_workers_are_in_the_order_of_time(system: System) -> None:
    system.store, system.worker = [stored()], served("x\ny\n", SECOND)
    assert system.page(RUNNING)[0] == ["a", "b", "x", "y"]


def test_a_worker_that_has_less_than_s3_takes_nothing_away(system: System) -> None:
    system.store, system.worker = [stored("a\nb\nc\nd\n", ended=False)], served()
    assert system.page(RUNNING)[0] == ["a", "b", "c", "d"]


def test_a_try_that_waits_to_go_on_is_read_from_s3_alone(system: System) -> None:
    system.store = [stored()]
    waiting = Try("queued", writes=False, ended=None, host="10.0.0.5")
    lines, page = system.page(waiting)
    assert (lines, page.notices, system.asked_worker) == (["a", "b"], [], 0)


def test_the_last_lines_of_a_task_that_has_just_ended_are_waited_for(system: System) -> None:
    just = Try("success", writes=False, ended=NOW, host="10.0.0.5")
    system.store = [stored(ended=False, modified=NOW)]

    def arrives() -> None:
        system.store = [stored("a\nb\nc\n", modified=NOW)]

    system.while_asleep = arrives
    assert (system.page(just)[0], system.asked_worker) == (["a", "b", "c"], 0)


def test_they_are_not_waited_for_longer_than_three_seconds(system: System) -> None:
    just = Try("success", writes=False, ended=NOW, host="10.0.0.5")
    system.worker = served()
    lines, _ = system.page(just)
    assert lines == ["a", "b", "c"]
    assert system.now - NOW < timedelta(seconds=4)


def test_while_s3_is_away_the_page_says_so_and_shows_what_the_worker_has(system: System) -> None:
    system.store, system.worker = StoreError("503 ServiceUnavailable"), served()
    lines, page = system.page(ENDED)
    assert lines == ["a", "b", "c"]
    assert page.notices == [
        "S3 does not answer (503 ServiceUnavailable). Shown is what worker 10.0.0.5 has, to be sent later."
    ]


def test_with_neither_the_page_says_so(system: System) -> None:
    system.store, system.worker = StoreError("timed out"), WorkerError("no route to host")
    _, page = system.page(ENDED)
    assert page.notices == [
        "The log cannot be shown at the moment: S3 does not answer (timed out), "
        "and neither does worker 10.0.0.5 (no route to host)."
    ]


def test_a_log_that_is_nowhere_is_said_to_be_lost(system: System) -> None:
    _, page = system.page(ENDED)
    assert page.notices == [
        "This try has no log: it is not in S3, and worker 10.0.0.5 does not answer (it has no such log). "
        "What a worker has not sent when it is killed is lost."
    ]


def test_a_log_whose_worker_was_killed_says_that_it_may_end_too_early(system: System) -> None:
    system.store = [stored(ended=False, modified=LONG_AGO - timedelta(minutes=5))]
    lines, page = system.page(ENDED)
    assert lines == ["a", "b"]
    assert page.notices == [
        "The log may end too early: worker 10.0.0.5 sent this much by 2026-11-25 10:55:00 UTC, "
        "and does not answer now (it has no such log). What a worker has not sent when it is killed is lost."
    ]


def test_a_running_task_whose_worker_does_not_answer_shows_what_was_sent(system: System) -> None:
    system.store = [stored(ended=False)]
    lines, page = system.page(RUNNING)
    assert lines == ["a", "b"]
    assert "Shown is what it had sent to S3 by 11:00:00 UTC." in page.notices[0]


def test_a_log_that_has_expired_says_so_and_asks_no_worker(system: System) -> None:
    old = Try("success", writes=False, ended=NOW - timedelta(days=91), host="10.0.0.5")
    _, page = system.page(old, retention_days=90)
    assert page.notices == [
        "This log has expired: logs are kept for 90 days, and the task ended on 2026-08-26."
    ]
    assert system.asked_worker == 0


def test_an_old_log_that_is_still_there_is_shown(system: System) -> None:
    old = Try("success", writes=False, ended=NOW - timedelta(days=91), host="10.0.0.5")
    system.store = [stored(modified=NOW - timedelta(days=91))]
    assert system.page(old, retention_days=90)[0] == ["a", "b"]


def test_a_task_that_no_worker_ran_has_no_log(system: System) -> None:
    assert system.page(NEVER_RAN)[1].notices == [
        "No worker ran this task, so there is no log: Airflow has ended it by itself."
    ]


def test_an_s3_that_stops_in_the_middle_is_said_behind_what_was_read(system: System) -> None:
    system.store = [stored(error=StoreError("ReadTimeoutError"))]
    lines, page = system.page(ENDED)
    assert lines == ["a", "b"]
    assert page.notices == ["Reading stopped in the middle (ReadTimeoutError): load the page again."]
