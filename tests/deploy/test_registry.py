"""What is said of a registry that does not do what is asked; `tests/release` has one that does."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.registry import Login, Registry


class Refusing(BaseHTTPRequestHandler):
    """Answers everything with one status."""

    status = 401

    def do_HEAD(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, *_: object) -> None:
        pass


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}/kf-airflow"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_login_that_is_refused_is_named_without_its_password(address: str) -> None:
    with pytest.raises(DeployError, match="refuses kf-airflow to the login 'AWS'") as caught:
        Registry(address, Login("AWS", "pass-word")).digest("0.2.0")

    assert "pass-word" not in str(caught.value)


def test_who_does_not_log_in_is_told_how(address: str) -> None:
    with pytest.raises(DeployError, match="docker login"):
        Registry(address).digest("0.2.0")


def test_a_status_that_says_nothing_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Refusing, "status", 503)

    with pytest.raises(DeployError, match=r"answers HEAD /manifests/0\.2\.0 with 503"):
        Registry(address).digest("0.2.0")


def test_a_tag_that_is_not_there_is_none(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Refusing, "status", 404)

    assert Registry(address).digest("0.2.0") is None


def test_a_registry_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(DeployError, match=r"^The registry 127\.0\.0\.1:1 does not answer"):
        Registry("127.0.0.1:1/kf-airflow").digest("0.2.0")


def test_an_address_without_a_repository_is_refused() -> None:
    with pytest.raises(DeployError, match="names no repository"):
        Registry("registry.example.org")
