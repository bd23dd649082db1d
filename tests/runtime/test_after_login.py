import json
import os
import sys
from typing import Any

import psycopg2
import pytest

from kf_airflow_runtime import after_login, waiting

URL = "db+postgresql+psycopg2://celery:s%40fe@db:5432/airflow?sslmode=verify-full"


class Server:
    """Stands where psycopg2 would connect: refuses so many times, then lets in."""

    def __init__(self, refusals: int, reason: str = 'password authentication failed for user "u"') -> None:
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
    monkeypatch.setenv("AIRFLOW__CELERY__RESULT_BACKEND", URL)
    monkeypatch.setattr(
        sys, "argv", ["after_login", "AIRFLOW__CELERY__RESULT_BACKEND", "airflow", "celery", "worker"]
    )
    calls: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda _program, argv: calls.append(argv))
    return calls


def test_the_process_starts_once_the_role_can_log_in(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(refusals=2)
    monkeypatch.setattr(psycopg2, "connect", server.connect)

    after_login.main()

    assert len(server.asked) == 3
    assert started == [["airflow", "celery", "worker"]]


def test_the_database_is_asked_with_the_process_s_own_login_and_certificate_check(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(refusals=0)
    monkeypatch.setattr(psycopg2, "connect", server.connect)

    after_login.main()

    assert server.asked == ["postgresql://celery:s%40fe@db:5432/airflow?sslmode=verify-full"]


def use_metadata_database(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setattr(psycopg2, "connect", server.connect)
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql+psycopg2://air:p@db:5432/airflow")
    monkeypatch.setattr(
        sys, "argv", ["after_login", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow", "scheduler"]
    )


def test_a_changed_password_ends_the_container_at_once_so_that_a_new_task_gets_the_new_one(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = Server(refusals=10**6)
    use_metadata_database(monkeypatch, server)

    with pytest.raises(SystemExit) as ended:
        after_login.main()

    assert (ended.value.code, len(server.asked), started) == (75, 1, [])
    assert (
        "The password was changed since this task started"
        in json.loads(capfd.readouterr().out.splitlines()[-1])["message"]
    )


def test_the_metadata_database_can_be_waited_for_as_well(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server(refusals=1, reason="Connection refused")
    use_metadata_database(monkeypatch, server)

    after_login.main()

    assert server.asked == ["postgresql://air:p@db:5432/airflow"] * 2
    assert started == [["airflow", "scheduler"]]


def test_the_wait_ends_with_the_last_refusal(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(after_login, "LIMIT_SECONDS", 0.0)
    monkeypatch.setattr(psycopg2, "connect", Server(refusals=10**6).connect)

    with pytest.raises(SystemExit) as ended:
        after_login.main()

    assert ended.value.code == 75
    assert (
        'authentication failed for user "u"' in json.loads(capfd.readouterr().out.splitlines()[-1])["message"]
    )
    assert started == []


def test_another_kind_of_backend_is_not_waited_for() -> None:
    assert after_login.refusal("rediss://broker:6379/1") is None
