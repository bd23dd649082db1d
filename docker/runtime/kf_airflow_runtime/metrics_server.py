"""`GET /metrics` and `GET /health` of `metrics`, for the containers of its own task."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

from kf_airflow_runtime.metrics_cycle import MetricsCycle

PORT = 8796


def server(cycle: MetricsCycle, port: int = PORT) -> HTTPServer:
    """A server on this host's own address alone: the containers of a task share it, and nobody else has it.

    Args:
        cycle: Answers what is asked.
        port: Where. `PORT` if left out; 0 is any free one.
    """
    return HTTPServer(("127.0.0.1", port), type("Handler", (_Handler,), {"cycle": cycle}))


def serve(running: HTTPServer) -> None:
    """Answers from now on, in a thread that ends with the process."""
    threading.Thread(target=running.serve_forever, name="http", daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    # One that connects and asks nothing must not keep others waiting.
    timeout = 2
    cycle: ClassVar[MetricsCycle]

    def do_GET(self) -> None:
        if self.path == "/metrics":
            self._answer(200, "application/json", json.dumps(self.cycle.document, indent=1))
        elif self.path == "/health":
            healthy, reason = self.cycle.verdict()
            self._answer(200 if healthy else 503, "text/plain", reason)
        else:
            self._answer(404, "text/plain", "only GET /metrics and GET /health are answered here")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        pass

    def _answer(self, status: int, kind: str, text: str) -> None:
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
