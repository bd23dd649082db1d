import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from kf_airflow_runtime import health
from kf_airflow_runtime.refusal import RefusalError


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/ill" else 200)
        self.end_headers()
        if self.path != "/silent":
            self.wfile.write(f"{self.path} said\nmore\n".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_status_200_is_healthy_with_the_first_line_that_was_said(port: int) -> None:
    assert health.probe(port, "/well") == (True, "/well said")


def test_status_200_without_a_body_is_healthy(port: int) -> None:
    assert health.probe(port, "/silent") == (
        True,
        f"GET /silent on port {port} answers 'HTTP/1.0 200 OK'",
    )


def test_another_status_is_unhealthy_and_told_with_what_was_said(port: int) -> None:
    assert health.probe(port, "/ill") == (
        False,
        f"GET /ill on port {port} answers 'HTTP/1.0 503 Service Unavailable' /ill said",
    )


def test_a_closed_port_is_unhealthy() -> None:
    healthy, reason = health.probe(1, "/well")
    assert not healthy
    assert reason.startswith("port 1 does not answer GET /well: ")


def test_each_port_is_that_of_the_component() -> None:
    assert health.endpoints({"AIRFLOW__CELERY__FLOWER_URL_PREFIX": "/flower"}) == {
        "webserver": (8080, "/api/v2/version"),
        "scheduler": (8974, "/health"),
        "worker": (8795, "/health"),
        "flower": (5555, "/flower/healthcheck"),
        "metrics": (8796, "/health"),
    }


def test_flower_without_a_prefix_answers_at_the_root() -> None:
    assert health.endpoints({})["flower"] == (5555, "/healthcheck")


@pytest.mark.parametrize("component", ["migrate", ""])
def test_what_has_no_health_check_is_refused_naming_what_has(component: str) -> None:
    known = "dag-processor, flower, metrics, scheduler, triggerer, webserver, worker"
    with pytest.raises(RefusalError, match=f"Unknown component '{component}': .* {known}"):
        health.check(component, {})


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kf_airflow_runtime.health", *arguments],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_unhealthy_exits_with_1_and_one_line() -> None:
    # Nothing listens on the worker's health port of the machine that runs unit tests.
    ended = run("worker")
    assert (ended.returncode, ended.stdout.count("\n"), ended.stderr) == (1, 1, "")


def test_a_usage_error_exits_with_64() -> None:
    assert run().returncode == 64


def test_the_check_of_a_component_with_a_port_imports_neither_http_nor_psycopg2() -> None:
    program = (
        "import sys; from kf_airflow_runtime import health; health.check('flower', {}); print(*sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert not {"http.client", "psycopg2", "ssl", "dataclasses"} & set(ended.stdout.split())
