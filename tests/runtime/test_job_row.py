import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg2
import pytest

from kf_airflow_runtime import job_row

PROCESSOR = job_row.HEARTBEATS["dag-processor"]


def test_a_recent_beat_of_a_running_job_is_healthy() -> None:
    assert job_row.verdict(PROCESSOR, ("running", 4.4), 50) == (
        True,
        "last heartbeat 4 s ago, 50 s allowed",
    )


def test_a_beat_too_long_ago_is_unhealthy() -> None:
    assert job_row.verdict(PROCESSOR, ("running", 50.1), 50) == (
        False,
        "last heartbeat 50 s ago, 50 s allowed",
    )


def test_a_job_that_ended_is_unhealthy_however_recent() -> None:
    assert job_row.verdict(PROCESSOR, ("success", 1), 50) == (
        False,
        "the newest DagProcessorJob of this host is success",
    )


def test_no_row_yet_is_unhealthy() -> None:
    assert job_row.verdict(PROCESSOR, None, 50)[0] is False


def test_the_limit_is_the_one_airflow_was_told() -> None:
    assert PROCESSOR.limit_seconds({"AIRFLOW__DAG_PROCESSOR__HEALTH_CHECK_THRESHOLD": "90"}) == 90


def test_the_limit_is_the_default_of_airflow_when_it_was_told_none() -> None:
    assert [heartbeat.limit_seconds({}) for heartbeat in job_row.HEARTBEATS.values()] == [50, 30]


def test_a_database_that_cannot_be_reached_is_not_the_fault_of_the_process() -> None:
    healthy, reason = job_row.unreachable("connection refused\n\tis the server running?")
    assert healthy
    assert reason.endswith("cannot be asked: connection refused is the server running?")


def test_a_refused_login_is_unhealthy_as_only_a_new_task_gets_the_new_secret() -> None:
    assert not job_row.unreachable('FATAL: password authentication failed for user "master"')[0]


class Database:
    """As much of a connection as the question needs, keeping how it was made and what was executed."""

    def __init__(self) -> None:
        self.made: dict[str, object] = {}
        self.executed: list[str] = []

    def connect(self, **keywords: object) -> "Database":
        self.made = keywords
        return self

    @contextmanager
    def cursor(self) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(
            execute=lambda statement, *_: self.executed.append(statement), fetchone=lambda: ("running", 1.0)
        )

    def close(self) -> None:
        pass


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    stands_in = Database()
    monkeypatch.setattr(psycopg2, "connect", stands_in.connect)
    return stands_in


def test_the_database_is_asked_with_a_limit(database: Database, environ: dict[str, str]) -> None:
    assert job_row.check("triggerer", environ) == (True, "last heartbeat 1 s ago, 30 s allowed")
    assert database.made["connect_timeout"] == 3
    assert database.executed[0] == "SET LOCAL statement_timeout = 3000"


def test_a_proxy_that_takes_no_options_of_a_connection_gets_none(
    database: Database, environ: dict[str, str]
) -> None:
    job_row.check("triggerer", environ)
    assert "options" not in database.made


def test_a_database_that_does_not_answer_in_time_is_not_the_fault_of_the_process(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    def connect(**_: object) -> None:
        raise psycopg2.OperationalError("timeout expired")

    monkeypatch.setattr(psycopg2, "connect", connect)
    assert job_row.check("triggerer", environ)[0]


def test_this_host_is_known_by_its_name_and_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOSTNAME", raising=False)
    monkeypatch.setattr(socket, "gethostname", lambda: "task")
    found = [(None, None, None, "task.internal", None)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    monkeypatch.setattr(socket, "gethostbyname", {"task.internal": "10.0.0.7"}.__getitem__)
    assert job_row.host_names() == ["task", "task.internal", "10.0.0.7"]


def test_a_host_that_does_not_resolve_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unresolved(*_: object) -> None:
        raise socket.gaierror

    monkeypatch.delenv("HOSTNAME", raising=False)
    monkeypatch.setattr(socket, "gethostname", lambda: "task")
    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    monkeypatch.setattr(socket, "gethostbyname", unresolved)
    assert job_row.host_names() == ["task"]
