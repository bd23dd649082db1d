"""An HTTP server of the tests' own, on this machine, that gives each request the same answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


@dataclass(frozen=True)
class AnsweringServer:
    """One that runs.

    Attributes:
        url: Its address, with no path.
        asked: Method, path and body of each request so far.
    """

    url: str
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)


@contextmanager
def answering(status: int, body: bytes = b"", *, host: str = "127.0.0.1") -> Iterator[AnsweringServer]:
    """Answers every GET and PUT as said, at an address of this machine."""
    asked: list[tuple[str, str, bytes]] = []

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

    server = HTTPServer((host, 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield AnsweringServer(f"http://{host}:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
