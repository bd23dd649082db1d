import importlib
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from kf_airflow_runtime.consumer_state import Sight
from kf_airflow_runtime.unsent_logs import BASE_FOLDER, UnsentLogs
from kf_airflow_runtime.work import Work

LOOPING = Sight(wanted=False, queues=0, room=True, asked=None, running=1, waiting=0, slots=2)


@pytest.fixture
def termination(celery: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, with a clock that only waiting moves, and processes that go when they are told to."""
    module: Any = importlib.import_module("kf_airflow_runtime.termination")
    module.now = 0.0
    module.celery = celery.state
    module.sent = []
    module.tasks = [21, 22]
    module.deaf_to = {signal.SIGTERM}

    def sleep(seconds: float) -> None:
        module.now += seconds

    def send(pids: list[int], number: signal.Signals) -> None:
        module.sent.append((module.now, number, list(pids)))
        if number not in module.deaf_to:
            module.tasks = []

    monkeypatch.setattr(module.time, "sleep", sleep)
    monkeypatch.setattr(module.task_runners, "runners", lambda _pid: module.tasks)
    monkeypatch.setattr(module.task_runners, "send", send)
    module.consumer_state.tick(LOOPING)
    return module


def decisions(termination: Any, monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """What is decided of the worker before each wait from now on."""
    found: list[int | None] = []
    wait = termination.time.sleep

    def sleep(seconds: float) -> None:
        found.append(termination.celery.should_stop)
        wait(seconds)

    monkeypatch.setattr(termination.time, "sleep", sleep)
    return found


def end(termination: Any, work: Work, seconds: float = 120) -> None:
    termination.end(work, seconds, lambda: termination.now)


def test_tasks_that_end_when_interrupted_are_asked_first_and_not_killed(termination: Any) -> None:
    end(termination, Work(running=2))
    assert termination.sent == [(95, signal.SIGTERM, [21, 22]), (100, signal.SIGINT, [21, 22])]


def test_a_task_that_catches_the_interrupt_is_killed_in_time_to_be_reported(termination: Any) -> None:
    termination.deaf_to = {signal.SIGTERM, signal.SIGINT}
    end(termination, Work(running=2))
    assert termination.sent[-1] == (110, signal.SIGKILL, [21, 22])


def test_nobody_is_signalled_when_the_tasks_have_ended(termination: Any) -> None:
    termination.tasks = []
    end(termination, Work())
    assert termination.sent == []


def test_while_the_event_loop_turns_it_ends_the_worker_and_nobody_else(
    termination: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Work()
    seen = decisions(termination, monkeypatch)
    end(termination, work)
    assert set(seen) == {None}


def test_without_a_broker_an_idle_worker_ends_at_once(
    termination: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    termination.consumer_state.disconnected(lambda: 0)
    ended = decisions(termination, monkeypatch)
    end(termination, Work())
    assert ended[0] == 0


def test_without_a_broker_a_busy_worker_goes_on(termination: Any) -> None:
    termination.consumer_state.disconnected(lambda: 0)
    termination._end_if_nobody_else_does(Work(running=1))
    assert termination.celery.should_stop is None


def test_without_a_broker_a_worker_goes_on_until_its_logs_are_sent(
    termination: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BASE_FOLDER, str(tmp_path))
    unsent = UnsentLogs(tmp_path)
    unsent.note("a.log")
    termination.consumer_state.disconnected(lambda: 0)
    termination._end_if_nobody_else_does(Work())
    assert termination.celery.should_stop is None
    unsent.sent(unsent.all()[0])
    termination._end_if_nobody_else_does(Work())
    assert termination.celery.should_stop == 0


def test_logs_that_are_lost_with_the_worker_are_said(
    termination: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    end(termination, Work(unsent=3))
    assert "3 logs are lost with this worker: S3 has not taken them" in capfd.readouterr().out


def test_just_before_it_is_killed_the_worker_ends_whatever_it_thinks_is_running(termination: Any) -> None:
    end(termination, Work(running=1))
    assert (termination.celery.should_stop, termination.now) == (0, 115)


def test_the_thread_sleeps_until_sigterm_and_no_other_signal(termination: Any) -> None:
    reader, writer = os.pipe()
    work = Work()
    thread = threading.Thread(target=termination.wait_and_end, args=(reader, work, 0.0), daemon=True)
    thread.start()
    os.write(writer, bytes([signal.SIGHUP]))
    assert not work.changed.wait(0.05)
    os.write(writer, bytes([signal.SIGUSR1, signal.SIGTERM]))
    thread.join(5)
    assert (work.terminated, work.changed.is_set(), thread.is_alive()) == (True, True, False)


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120), (None, 30), ("", 30), ("soon", 30), ("0", 1), ("-5", 1)]
)
def test_the_time_comes_from_the_environment_or_is_ecs_s_default(
    termination: Any, value: str | None, seconds: float
) -> None:
    assert termination.stop_timeout_seconds(value) == seconds
