import os
import sys
from typing import Any

import psycopg2
import pytest
from own_events import messages

from kf_airflow_runtime import after_login, waiting

VARIABLE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
URL = "postgresql+psycopg2://air:s%40fe@db:5432/airflow?sslmode=verify-full"


class Server:
    """Stands where psycopg2 would connect: refuses so many times, then lets in."""

    def __init__(self, refusals: int, reason: str = "Connection refused") -> None:
        self.refusals = refusals
        self.reason = reason
        self.asked: list[str] = []

    def connect(self, dsn: str, **_: Any) -> "Server":
        self.asked.append(dsn)
        if len(self.asked) <= self.refusals:
            raise psycopg2.OperationalError(f"{self.reason}\n")
        return self

    def close(self) -> None:
        pass


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    monkeypatch.setattr(waiting, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setenv(VARIABLE, URL)
    monkeypatch.setattr(sys, "argv", ["after_login", VARIABLE, "airflow", "scheduler"])
    calls: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _program, argv: calls.append(argv))
    return calls


def test_the_process_starts_once_the_database_lets_it_in(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(refusals=2)
    monkeypatch.setattr(psycopg2, "connect", server.connect)

    after_login.main()

    assert len(server.asked) == 3
    assert started == [["airflow", "scheduler"]]


def test_the_database_is_asked_with_the_process_s_own_login_and_certificate_check(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(refusals=0)
    monkeypatch.setattr(psycopg2, "connect", server.connect)

    after_login.main()

    assert server.asked == ["postgresql://air:s%40fe@db:5432/airflow?sslmode=verify-full"]


def test_a_changed_password_ends_the_container_at_once_so_that_a_new_task_gets_the_new_one(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = Server(refusals=10**6, reason='password authentication failed for user "u"')
    monkeypatch.setattr(psycopg2, "connect", server.connect)

    with pytest.raises(SystemExit) as ended:
        after_login.main()

    assert (ended.value.code, len(server.asked), started) == (75, 1, [])
    assert "The password was changed since this task started" in messages(capfd.readouterr().out)[-1]


def test_the_wait_ends_with_the_last_refusal(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(after_login, "LIMIT_SECONDS", 0.0)
    monkeypatch.setattr(psycopg2, "connect", Server(refusals=10**6).connect)

    with pytest.raises(SystemExit) as ended:
        after_login.main()

    assert ended.value.code == 75
    assert "Connection refused" in messages(capfd.readouterr().out)[-1]
    assert started == []


def test_another_kind_of_backend_is_not_waited_for() -> None:
    assert after_login.refusal("rediss://broker:6379/1") is None
