import importlib
import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from waiting import wait_for

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.ecs_agent import AgentError
from kf_airflow_runtime.protection import Wish
from kf_airflow_runtime.work import Work
from kf_airflow_runtime.worker_measure import Measure

TASK = {
    "Cluster": "airflow",
    "ServiceName": "airflow-worker",
    "Family": "airflow-worker",
    "Revision": "3",
    "Containers": [{"CreatedAt": "2026-11-25T03:00:00Z"}],
}


@pytest.fixture
def worker_protection(celery: Any) -> Any:
    """The module."""
    return importlib.import_module("kf_airflow_runtime.worker_protection")


@pytest.fixture
def told(worker_protection: Any, monkeypatch: pytest.MonkeyPatch) -> list[Wish]:
    """What ECS was told by a thread; the first attempt fails."""
    wishes: list[Wish] = []
    attempts: list[Wish] = []

    def tell(_uri: str, wish: Wish) -> None:
        attempts.append(wish)
        if len(attempts) == 1:
            raise AgentError("timed out")
        wishes.append(wish)

    monkeypatch.setattr(worker_protection.ecs_agent, "tell", tell)
    monkeypatch.setattr("kf_airflow_runtime.protection.LINGER_SECONDS", 0.05)
    monkeypatch.setattr("kf_airflow_runtime.protection._FIRST_PAUSE_SECONDS", 0.05)
    return wishes


def test_the_thread_tells_ecs_of_the_first_task_and_of_the_end_of_the_last(
    worker_protection: Any, told: list[Wish]
) -> None:
    work = Work()
    thread = threading.Thread(target=worker_protection.protect, args=("http://agent", work), daemon=True)
    thread.start()
    work.count(running=0, waiting=1)
    wait_for("protection", lambda: list(told), len, timeout_seconds=5, interval_seconds=0.01)
    work.count(running=2, waiting=0)
    work.count(running=0, waiting=0)
    wait_for(
        "its end", lambda: list(told), lambda seen: len(seen) == 2, timeout_seconds=5, interval_seconds=0.01
    )
    work.terminated = True
    work.changed.set()
    thread.join(5)
    assert (told, thread.is_alive()) == ([Wish(30), Wish(None)], False)


def test_the_thread_says_for_how_long_the_worker_is_protected_and_that_it_no_longer_is(
    worker_protection: Any, told: list[Wish], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[float] = []
    monkeypatch.setattr("kf_airflow_runtime.worker_measure.EVERY_SECONDS", 0.05)
    monkeypatch.setattr(
        worker_protection,
        "Measure",
        lambda read, environ: Measure(
            read, environ, write=lambda line: lines.append(json.loads(line)["ProtectedSeconds"])
        ),
    )
    monkeypatch.setattr(worker_protection.ecs_agent, "task_metadata", lambda _uri: TASK)
    work, environ = Work(), {ecs_agent.METADATA: "http://metadata"}
    thread = threading.Thread(
        target=worker_protection.protect, args=("http://agent", work, environ), daemon=True
    )
    thread.start()
    work.count(running=1, waiting=0)
    wait_for(
        "the time it is protected",
        lambda: list(lines),
        lambda seen: len(seen) > 4,
        timeout_seconds=10,
        interval_seconds=0.01,
    )
    work.count(running=0, waiting=0)
    wait_for(
        "its end", lambda: list(lines), lambda seen: seen[-1] == 0, timeout_seconds=10, interval_seconds=0.01
    )
    work.terminated = True
    work.changed.set()
    thread.join(5)
    assert sorted(lines[:-1]) == lines[:-1]


@pytest.fixture
def look(worker_protection: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Looks for a successor as often as there are answers; returns what `work` said after each."""

    def run(work: Work, answers: list[tuple[str | None, str]]) -> list[str]:
        left, seen = list(answers), []

        def sleep(_seconds: float) -> None:
            seen.append(work.replaced)
            work.terminated = not left

        monkeypatch.setattr(worker_protection.time, "sleep", sleep)
        monkeypatch.setattr(worker_protection, "_successor", lambda: left.pop(0) if left else (None, ""))
        worker_protection.look_for_successor(work)
        return seen[1:]

    return run


def test_a_busy_worker_learns_that_it_is_replaced_and_that_it_no_longer_is(look: Any) -> None:
    assert look(Work(running=1), [("kf-worker:9", ""), ("", "")]) == ["kf-worker:9", ""]


def test_what_is_not_known_changes_nothing(look: Any) -> None:
    seen = look(Work(running=1), [("kf-worker:9", ""), (None, "AccessDenied")])
    assert seen == ["kf-worker:9", "kf-worker:9"]


def test_failures_in_a_row_are_said_once(
    look: Any, worker_protection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(worker_protection, "say", lambda sentence, **_: said.append(sentence))
    look(Work(running=1), [(None, "AccessDenied"), (None, "AccessDenied"), ("", ""), (None, "AccessDenied")])
    assert len(said) == 2


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        ("print('kf-worker:9 (ecs-svc/1)')", ("kf-worker:9 (ecs-svc/1)", "")),
        ("print()", ("", "")),
        ("import sys; print('AccessDenied'); sys.exit(1)", (None, "AccessDenied")),
        ("import sys; sys.exit(3)", (None, "exit code 3")),
    ],
)
def test_the_process_that_looks_says_what_it_found(
    worker_protection: Any, monkeypatch: pytest.MonkeyPatch, program: str, answer: tuple[str | None, str]
) -> None:
    monkeypatch.setattr(worker_protection, "_LOOK", (sys.executable, "-c", program))
    assert worker_protection._successor() == answer


def test_a_process_that_hangs_is_given_up(worker_protection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_protection, "_LOOK", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(worker_protection, "_LOOK_TIMEOUT_SECONDS", 0.2)
    answer, problem = worker_protection._successor()
    assert (answer, subprocess.TimeoutExpired.__name__ in problem) == (None, True)
