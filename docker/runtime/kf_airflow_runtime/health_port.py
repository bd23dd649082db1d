"""A worker's `GET /health`, before and while it is Celery. It imports nothing: what waits is small."""

import contextlib
import socket
from typing import Protocol

PORT = 8795
_CLIENT_TIMEOUT_SECONDS = 2.0


class Judge(Protocol):
    """Who knows how the process is."""

    def verdict(self) -> tuple[bool, str]:
        """Whether it is well, and why."""


def listen(port: int) -> socket.socket:
    """A listening socket on every address; the load balancer's check comes from outside."""
    return socket.create_server(("", port), backlog=16)


def serve(server: socket.socket, judge: Judge) -> None:
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
            connection.sendall(answer(connection.recv(1024), judge))


def answer(request: bytes, judge: Judge) -> bytes:
    """The whole HTTP answer to a request's first bytes."""
    words = request.split(b" ", 2)
    if len(words) < 3 or words[0] not in (b"GET", b"HEAD") or words[1] != b"/health":
        status, reason = "404 Not Found", "only GET /health is answered here"
    else:
        healthy, reason = judge.verdict()
        status = "200 OK" if healthy else "503 Service Unavailable"
    body = f"{reason}\n".encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + (b"" if words[0] == b"HEAD" else body)
