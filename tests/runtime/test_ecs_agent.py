import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.protection import Wish

Serve = Callable[[int, bytes], str]


@pytest.fixture
def asked() -> list[tuple[str, str, bytes]]:
    """Method, path and body of each request."""
    return []


@pytest.fixture
def serve(asked: list[tuple[str, str, bytes]]) -> Iterator[Serve]:
    """Serves an agent with one answer; returns its address."""
    servers = []

    def start(status: int, body: bytes) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                asked.append((self.command, self.path, self.rfile.read(length)))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/api/id"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_puts_the_wish_where_the_agent_expects_it(
    serve: Serve, asked: list[tuple[str, str, bytes]]
) -> None:
    ecs_agent.tell(serve(200, b'{"protection": {"ProtectionEnabled": true}}'), Wish(30))
    ((method, path, body),) = asked
    assert (method, path) == ("PUT", "/api/id/task-protection/v1/state")
    assert json.loads(body) == {"ProtectionEnabled": True, "ExpiresInMinutes": 30}


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b'{"failure": {"Reason": "DEPLOYMENT_BLOCKED"}}', "DEPLOYMENT_BLOCKED"),
        (400, b'{"error": {"Code": "AccessDeniedException"}}', "AccessDeniedException"),
        (500, b"{}", "500"),
        (200, b"<html>", "JSONDecodeError"),
        (200, b"[]", "200"),
    ],
)
def test_whatever_is_no_success_is_an_error_that_says_why(
    serve: Serve, status: int, body: bytes, said: str
) -> None:
    with pytest.raises(ecs_agent.AgentError, match=said):
        ecs_agent.tell(serve(status, body), Wish(None))


def test_an_agent_that_is_not_there_is_an_error(serve: Serve) -> None:
    with pytest.raises(ecs_agent.AgentError, match="ConnectionRefusedError"):
        ecs_agent.tell("http://127.0.0.1:1/api/id", Wish(None))


def test_no_proxy_comes_between(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert ecs_agent.task_metadata(serve(200, b'{"Family": "f"}')) == {"Family": "f"}
