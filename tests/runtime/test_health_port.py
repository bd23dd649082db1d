import socket
import sys
import threading
from collections.abc import Iterator

import pytest
from health_probes import THREAD, probe, probe_seconds, served

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
    with served(consuming) as port:
        yield port


def test_it_answers_over_a_socket(port: int) -> None:
    assert probe(port).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_hangs_up_does_not_end_it(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    assert probe(port).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("broker", ["there", "away"])
def test_a_probe_is_answered_from_memory_alone(
    consuming: ConsumerState, audited: list[str], broker: str
) -> None:
    """Whatever the answer would wait for it would ask another process for, through a socket or a file."""
    if broker == "away":
        consuming.disconnected(lambda: 0)

    with served(consuming) as port:
        assert len(probe_seconds(port, 200)) == 200

    assert audited == []


def test_what_a_probe_must_not_do_would_be_seen(audited: list[str]) -> None:
    class Asking:
        """A judge that goes by the broker."""

        def verdict(self) -> tuple[bool, str]:
            with socket.socket() as broker:
                return broker.connect_ex(("127.0.0.1", 1)) != 0, "asked"

    with served(Asking()) as port:
        probe(port)

    assert audited == ["socket.connect"]


# Audit hooks stay for the life of the process, so there is one, that is told where to write.
_AUDITED: list[list[str]] = []


def _audit(event: str, _arguments: tuple[object, ...]) -> None:
    if not _AUDITED or threading.current_thread().name != THREAD:
        return
    # Each connection that is accepted is a new socket; one that is made is connected besides.
    if event.startswith(("socket.", "open", "subprocess.", "os.")) and event != "socket.__new__":
        _AUDITED[-1].append(event)


@pytest.fixture(scope="module")
def _hooked() -> None:
    sys.addaudithook(_audit)


@pytest.fixture
def audited(_hooked: None) -> Iterator[list[str]]:
    """What the thread that answers begins besides: connections, look-ups, files, processes."""
    found: list[str] = []
    _AUDITED.append(found)
    yield found
    _AUDITED.remove(found)
