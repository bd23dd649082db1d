"""The worker's `GET /health`, served from the Celery main process: 200 while its consumer consumes.

`celery inspect ping`, the usual check, starts a second Celery for seconds each time and goes by the broker.
"""

import contextlib
import socket
import threading
import time
from typing import Any

from celery import bootsteps

from kf_airflow_runtime.consumer_state import ConsumerState, Sight
from kf_airflow_runtime.work import Work, work
from kf_airflow_runtime.worker_internals import asked_seconds_ago

PORT = 8795
TICK_SECONDS = 1.0
_CLIENT_TIMEOUT_SECONDS = 2.0

state = ConsumerState(time.monotonic)


class ServerStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's worker that answers on `PORT`.

    It starts after the pool, so that the first processes of the pool are forked before there is a thread.
    """

    requires = ("celery.worker.components:Pool",)

    def start(self, _worker: Any) -> None:
        """Begins to answer; the thread ends with the process, and so goes on while running tasks finish."""
        threading.Thread(target=serve, args=(listen(PORT), state), name="health", daemon=True).start()


class LoopStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's consumer that reports the turns of its event loop.

    Celery leaves and enters it at each loss and return of the broker.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def register_with_event_loop(self, consumer: Any, hub: Any) -> None:
        """Called at each start of the loop, as Celery drops all timers when the loop breaks."""

        def tick() -> None:
            state.tick(sight(consumer, work))

        hub.call_soon(tick)
        hub.call_repeatedly(TICK_SECONDS, tick)

    def stop(self, consumer: Any) -> None:
        """The loop was left: for good when the consumer closes, until the broker is back when it does not."""
        if consumer.blueprint.state in (bootsteps.CLOSE, bootsteps.TERMINATE):
            state.stopping()
        else:
            state.disconnected(lambda: int(consumer.broker_connection_retry_attempt))


def sight(consumer: Any, work: Work) -> Sight:
    """What the event loop sees of its consumer: a few attributes, and no question to the broker."""
    channel = consumer.task_consumer.channel
    return Sight(
        wanted=work.takes_messages,
        queues=len(channel.active_queues),
        room=channel.qos.can_consume(),
        asked=asked_seconds_ago(channel),
        running=work.running,
        waiting=work.waiting,
        slots=consumer.pool.num_processes,
    )


def listen(port: int) -> socket.socket:
    """A listening socket on every address; the load balancer's check comes from outside."""
    return socket.create_server(("", port), backlog=16)


def serve(server: socket.socket, state: ConsumerState) -> None:
    """Answers one connection after the other, until the socket is closed.

    It writes no log: a lock of logging held here while Celery forks would stay locked in the child for ever.
    """
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            if server.fileno() < 0:
                return
            continue
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_CLIENT_TIMEOUT_SECONDS)
            connection.sendall(answer(connection.recv(1024), state))


def answer(request: bytes, state: ConsumerState) -> bytes:
    """The whole HTTP answer to a request's first bytes."""
    words = request.split(b" ", 2)
    if len(words) < 3 or words[0] not in (b"GET", b"HEAD") or words[1] != b"/health":
        status, reason = "404 Not Found", "only GET /health is answered here"
    else:
        healthy, reason = state.verdict()
        status = "200 OK" if healthy else "503 Service Unavailable"
    body = f"{reason}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + (b"" if words[0] == b"HEAD" else body)
