"""A worker's health port as it is in the worker: the HTTP handler on a socket, in a thread of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kf_airflow_runtime import health_port

THREAD = "health"


@contextmanager
def served(judge: health_port.Judge) -> Iterator[int]:
    """Serves on a free port, and yields that; the thread has ended afterwards."""
    server = health_port.listen(0)
    thread = threading.Thread(target=health_port.serve, args=(server, judge), name=THREAD, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)
        assert not thread.is_alive()


def probe(port: int) -> bytes:
    """Asks as the load balancer does; returns the whole answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        return connection.makefile("rb").read()


def probe_seconds(port: int, times: int) -> list[float]:
    """How long each of so many probes took, connection and all.

    Raises:
        AssertionError: One was not answered with 200.
    """
    found = []
    for _ in range(times):
        began = time.perf_counter()
        answer = probe(port)
        found.append(time.perf_counter() - began)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer
    return found
