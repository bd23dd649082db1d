import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import psycopg2
import pytest
from own_events import messages

from kf_airflow_runtime import health_port, worker_start
from kf_airflow_runtime.health import probe
from kf_airflow_runtime.worker_start import Sight, obstacle

OWN = "3.3.2"
REFUSAL = 'password authentication failed for user "celery"'
RESULTS = "db+postgresql+psycopg2://celery:s%40fe@db:5432/airflow?sslmode=verify-full"
READY = Sight(refusal=None, webserver_exists=True, webserver_version=OWN)


def sight(**changes: Any) -> Sight:
    return Sight(**{**vars(READY), **changes})


@pytest.mark.parametrize(
    "seen",
    [
        READY,
        sight(webserver_version="3.4.0"),
        sight(webserver_version="3.10.0"),
        sight(webserver_version=None),
        sight(webserver_version="unknown"),
        sight(webserver_exists=False, webserver_version=None),
    ],
    ids=["same", "newer", "much newer", "away for a moment", "of no version", "not there yet"],
)
def test_a_worker_that_can_log_in_starts_unless_its_webserver_is_older(seen: Sight) -> None:
    assert obstacle(seen, OWN) is None


@pytest.mark.parametrize("webserver", ["3.3.1", "3.2.9", "3.3.2rc1"])
def test_a_worker_newer_than_its_webserver_waits_and_is_not_healthy(webserver: str) -> None:
    found = obstacle(sight(webserver_version=webserver), OWN)

    assert found is not None
    assert not found.healthy
    assert f"waiting for a webserver of Airflow 3.3.2: it is {webserver}" in found.reason
    assert 'rollout_order = "airflow-first"' in found.reason


def test_on_a_first_deployment_waiting_for_the_login_is_healthy() -> None:
    found = obstacle(sight(refusal=REFUSAL, webserver_exists=False, webserver_version=None), OWN)

    assert found is not None
    assert found.verdict() == (True, f"waiting for the first migration: {REFUSAL}")


def test_later_on_a_worker_that_cannot_log_in_is_not_healthy() -> None:
    found = obstacle(sight(refusal=REFUSAL), OWN)

    assert found is not None
    assert found.verdict() == (False, f"waiting for the database: {REFUSAL}")


class _Webserver(BaseHTTPRequestHandler):
    answer: tuple[int, object] = (200, {"version": "3.4.0", "git_version": None})

    def do_GET(self) -> None:
        status, body = self.answer if self.path == "/api/v2/version" else (404, {})
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        pass


@pytest.fixture
def webserver(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of an execution API beside which a version is told."""
    monkeypatch.setenv("no_proxy", "*")
    server = HTTPServer(("127.0.0.1", 0), _Webserver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/execution/"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the database was asked with."""
    asked: list[str] = []

    class Connection:
        def close(self) -> None:
            pass

    def connect(dsn: str, **_: Any) -> Connection:
        asked.append(dsn)
        return Connection()

    monkeypatch.setattr(psycopg2, "connect", connect)
    return asked


def test_the_database_is_asked_with_the_worker_s_own_login_and_certificate_check(
    logins: list[str], webserver: str
) -> None:
    worker_start.look(RESULTS, webserver)

    assert logins == ["postgresql://celery:s%40fe@db:5432/airflow?sslmode=verify-full"]


@pytest.mark.usefixtures("logins")
def test_the_webserver_is_asked_for_its_version(webserver: str) -> None:
    assert worker_start.look(RESULTS, webserver) == sight(webserver_version="3.4.0")


@pytest.mark.usefixtures("logins")
@pytest.mark.parametrize("answer", [(500, {}), (200, []), (200, {"other": 1})])
def test_a_webserver_that_says_no_version_has_none(
    webserver: str, answer: tuple[int, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Webserver, "answer", answer)

    assert worker_start.look(RESULTS, webserver) == sight(webserver_version=None)


@pytest.mark.usefixtures("logins")
@pytest.mark.parametrize(
    ("code", "exists"), [(socket.EAI_NONAME, False), (socket.EAI_NODATA, False), (socket.EAI_AGAIN, True)]
)
def test_a_webserver_exists_unless_the_resolver_says_that_it_does_not(
    code: int, exists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "as the resolver says")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert worker_start.look(RESULTS, "http://webserver.kf.internal:8080/execution/") == sight(
        webserver_exists=exists, webserver_version=None
    )


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The commands that the process became; its health check is answered on a port that is free."""
    listening: list[socket.socket] = []

    def listen(_port: int) -> socket.socket:
        listening.append(socket.create_server(("127.0.0.1", 0)))
        return listening[-1]

    calls: list[list[str]] = []
    monkeypatch.setattr(health_port, "listen", listen)
    monkeypatch.setattr(worker_start, "_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(worker_start, "version", lambda _name: OWN)
    monkeypatch.setattr(os, "execvp", lambda _program, argv: calls.append(argv))
    monkeypatch.setattr(sys, "argv", ["worker_start", "airflow", "celery", "worker"])
    monkeypatch.setenv("AIRFLOW__CELERY__RESULT_BACKEND", RESULTS)
    monkeypatch.setenv(
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://webserver.kf.internal:8080/execution/"
    )
    yield calls
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def show(monkeypatch: pytest.MonkeyPatch, *seen: Sight) -> None:
    """Lets the worker see one after the other, and the last from then on."""
    left = list(seen)
    monkeypatch.setattr(worker_start, "look", lambda *_: left.pop(0) if len(left) > 1 else left[0])


def test_a_worker_waits_as_long_as_it_takes_for_the_first_migration(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = sight(refusal=REFUSAL, webserver_exists=False, webserver_version=None)
    monkeypatch.setattr(worker_start, "LIMIT_SECONDS", 0.0)
    show(monkeypatch, *[fresh] * 5, READY)

    worker_start.main()

    assert started == [["airflow", "celery", "worker"]]


def test_a_worker_that_waits_in_vain_ends_with_the_reason(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(worker_start, "LIMIT_SECONDS", 0.0)
    show(monkeypatch, sight(webserver_version="3.2.0"))

    with pytest.raises(SystemExit) as ended:
        worker_start.main()

    assert (ended.value.code, started) == (75, [])
    assert (
        "gave up after 0 s: waiting for a webserver of Airflow 3.3.2" in messages(capfd.readouterr().out)[-1]
    )


def test_the_same_reason_is_said_once(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    show(monkeypatch, *[sight(refusal=REFUSAL)] * 3, READY)

    worker_start.main()

    assert messages(capfd.readouterr().out) == [f"waiting for the database: {REFUSAL}"]
    assert started == [["airflow", "celery", "worker"]]


@pytest.mark.parametrize("exists", [False, True])
def test_while_it_waits_its_health_check_says_whether_that_is_right(
    exists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers: list[socket.socket] = []

    def listen(_port: int) -> socket.socket:
        servers.append(socket.create_server(("127.0.0.1", 0)))
        return servers[-1]

    monkeypatch.setattr(health_port, "listen", listen)
    found = obstacle(sight(refusal=REFUSAL, webserver_exists=exists), OWN)
    assert found is not None
    worker_start.Waiting().go_on(found)

    try:
        healthy, reason = probe(servers[0].getsockname()[1], "/health")
    finally:
        servers[0].shutdown(socket.SHUT_RDWR)
        servers[0].close()

    assert healthy is not exists
    assert REFUSAL in reason
