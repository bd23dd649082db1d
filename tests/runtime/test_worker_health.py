import importlib
import socket
import sys
import threading
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from kf_airflow_runtime.consumer_state import ConsumerState


@pytest.fixture
def worker_health(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module, over as much of Celery as it names: Celery itself is only in the image."""
    celery: Any = ModuleType("celery")
    celery.bootsteps = SimpleNamespace(StartStopStep=object, CLOSE=2, TERMINATE=3)
    monkeypatch.setitem(sys.modules, "celery", celery)
    module = importlib.import_module("kf_airflow_runtime.worker_health")
    yield module
    del sys.modules[module.__name__]


@pytest.fixture
def consuming() -> ConsumerState:
    state = ConsumerState(lambda: 0.0)
    state.tick()
    return state


def test_a_healthy_worker_answers_200(worker_health: Any, consuming: ConsumerState) -> None:
    answer = worker_health.answer(b"GET /health HTTP/1.1\r\n\r\n", consuming)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nthe event loop turned 0 s ago, 60 s allowed\n")


def test_an_unhealthy_worker_answers_503(worker_health: Any) -> None:
    answer = worker_health.answer(b"GET /health HTTP/1.1\r\n\r\n", ConsumerState(lambda: 0.0))
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


def test_head_is_answered_without_a_body(worker_health: Any, consuming: ConsumerState) -> None:
    assert worker_health.answer(b"HEAD /health HTTP/1.1\r\n\r\n", consuming).endswith(b"\r\n\r\n")


@pytest.mark.parametrize("request_", [b"GET / HTTP/1.1", b"POST /health HTTP/1.1", b"", b"\x16\x03\x01"])
def test_anything_else_is_not_found(worker_health: Any, consuming: ConsumerState, request_: bytes) -> None:
    assert worker_health.answer(request_, consuming).startswith(b"HTTP/1.1 404 Not Found\r\n")


@pytest.fixture
def port(worker_health: Any, consuming: ConsumerState) -> Iterator[int]:
    server = worker_health.listen(0)
    thread = threading.Thread(target=worker_health.serve, args=(server, consuming), daemon=True)
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


def test_the_loop_ticks_at_its_start_and_every_second(worker_health: Any) -> None:
    timers: list[tuple[object, ...]] = []
    hub = SimpleNamespace(call_repeatedly=lambda *timer: timers.append(timer))
    worker_health.LoopStep().register_with_event_loop(None, hub)
    assert worker_health.state.verdict()[0]
    assert timers == [(1.0, worker_health.state.tick)]


@pytest.mark.parametrize(("blueprint", "said"), [(1, "no broker"), (2, "stopping"), (3, "stopping")])
def test_leaving_the_loop_is_for_good_only_when_the_consumer_closes(
    worker_health: Any, blueprint: int, said: str
) -> None:
    consumer = SimpleNamespace(blueprint=SimpleNamespace(state=blueprint))
    worker_health.LoopStep().stop(consumer)
    healthy, reason = worker_health.state.verdict()
    assert (healthy, reason.startswith(said)) == (True, True)
