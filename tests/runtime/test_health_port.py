import socket
import threading
from collections.abc import Iterator

import pytest

from kf_airflow_runtime import health_port
from kf_airflow_runtime.consumer_state import ConsumerState, Sight


@pytest.fixture
def consuming() -> ConsumerState:
    state = ConsumerState(lambda: 0.0)
    state.tick(Sight(wanted=True, queues=1, room=True, asked=0.1, running=0, waiting=0, slots=2))
    return state


def test_a_healthy_worker_answers_200(consuming: ConsumerState) -> None:
    answer = health_port.answer(b"GET /health HTTP/1.1\r\n\r\n", consuming)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nthe event loop turned 0 s ago, 60 s allowed\n")


def test_an_unhealthy_worker_answers_503() -> None:
    answer = health_port.answer(b"GET /health HTTP/1.1\r\n\r\n", ConsumerState(lambda: 0.0))
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


def test_head_is_answered_without_a_body(consuming: ConsumerState) -> None:
    assert health_port.answer(b"HEAD /health HTTP/1.1\r\n\r\n", consuming).endswith(b"\r\n\r\n")


@pytest.mark.parametrize("request_", [b"GET / HTTP/1.1", b"POST /health HTTP/1.1", b"", b"\x16\x03\x01"])
def test_anything_else_is_not_found(consuming: ConsumerState, request_: bytes) -> None:
    assert health_port.answer(request_, consuming).startswith(b"HTTP/1.1 404 Not Found\r\n")


@pytest.fixture
def port(consuming: ConsumerState) -> Iterator[int]:
    server = health_port.listen(0)
    thread = threading.Thread(target=health_port.serve, args=(server, consuming), daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)
    assert not thread.is_alive()


def ask(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        return connection.makefile("rb").read()


def test_it_answers_over_a_socket(port: int) -> None:
    assert ask(port).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_hangs_up_does_not_end_it(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    assert ask(port).startswith(b"HTTP/1.1 200 OK\r\n")
