"""The task metadata endpoint of ECS, for containers that ECS did not start."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Metadata(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        revision = self.path.split("/")[1]
        body = json.dumps(
            {
                "Cluster": "plain",
                "Family": "plain",
                "Revision": revision,
                "Containers": [{"CreatedAt": "2026-11-01T12:00:00Z"}],
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def metadata_server(host: str) -> Iterator[str]:
    """Serves at an address of this machine; yields the URL, to which `/<revision>` is added.

    Everybody is of the service and family `plain` in the cluster `plain`.
    """
    server = ThreadingHTTPServer((host, 0), _Metadata)
    thread = threading.Thread(target=server.serve_forever, name="task-metadata")
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
