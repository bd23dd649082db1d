import importlib
import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from kf_airflow_runtime.consumer_state import ConsumerState, Sight
from kf_airflow_runtime.work import Work


@pytest.fixture
def worker_health(celery: Any) -> Any:
    """The module."""
    return importlib.import_module("kf_airflow_runtime.worker_health")


@pytest.fixture
def consuming() -> ConsumerState:
    state = ConsumerState(lambda: 0.0)
    state.tick(Sight(wanted=True, queues=1, room=True, asked=0.1, running=0, waiting=0, slots=2))
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


def consumer(**changes: Any) -> Any:
    """As much of Celery's consumer as is looked at: one that waits for messages."""
    qos = SimpleNamespace(can_consume=lambda: True)
    channel = SimpleNamespace(active_queues={"default"}, qos=qos, _brpop_sent_at=time.monotonic())
    return SimpleNamespace(
        task_consumer=SimpleNamespace(channel=channel), pool=SimpleNamespace(num_processes=2), **changes
    )


def test_the_loop_looks_at_its_start_and_every_second(worker_health: Any) -> None:
    timers: list[tuple[float, Any]] = []
    soon: list[Any] = []
    hub = SimpleNamespace(call_repeatedly=lambda *timer: timers.append(timer), call_soon=soon.append)
    worker_health.LoopStep().register_with_event_loop(consumer(), hub)
    ((seconds, tick),) = timers
    assert (seconds, soon) == (1.0, [tick])
    tick()
    assert worker_health.state.verdict() == (True, "the event loop turned 0 s ago, 60 s allowed")


def test_it_sees_when_redis_was_asked_and_what_runs(worker_health: Any) -> None:
    asked = consumer()
    asked.task_consumer.channel._brpop_sent_at -= 30
    seen = worker_health.sight(asked, Work(running=1, waiting=2, terminated=True))
    assert (seen.wanted, seen.queues, seen.room, seen.running, seen.waiting, seen.slots) == (
        *(False, 1, True),
        *(1, 2, 2),
    )
    assert 30 <= seen.asked < 31


@pytest.mark.parametrize(("blueprint", "said"), [(1, "no broker"), (2, "stopping"), (3, "stopping")])
def test_leaving_the_loop_is_for_good_only_when_the_consumer_closes(
    worker_health: Any, blueprint: int, said: str
) -> None:
    left = consumer(blueprint=SimpleNamespace(state=blueprint), broker_connection_retry_attempt=0)
    worker_health.LoopStep().stop(left)
    healthy, reason = worker_health.state.verdict()
    assert (healthy, reason.startswith(said)) == (True, True)
