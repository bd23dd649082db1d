"""What the contract suite runs in tasks: `serve` answers HTTP, `run <code>` runs Python.

`serve` listens on 8000. /status/<code> answers with that status, /slow/<seconds> waits first, /close hangs up
without an answer, /nonsense answers what is not HTTP, /ws speaks WebSocket and echoes, /stream sends a line a
second five times. /health answers with the status that /set/<code> set last, first with 200. Anything else is
answered with 200 and JSON: the name in $NAME, the path and the headers of the request.
"""

import base64
import hashlib
import json
import os
import signal
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    health = 200

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        word, _, rest = path.strip("/").partition("/")
        if word == "status":
            self._answer(int(rest), {})
        elif word == "slow":
            time.sleep(float(rest))
            self._answer(200, {})
        elif word == "close":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif word == "nonsense":
            self.close_connection = True
            self.wfile.write(b"nonsense\r\n\r\n")
        elif word == "health":
            self._answer(Handler.health, {})
        elif word == "set":
            Handler.health = int(rest)
            self._answer(200, {})
        elif word == "stream":
            self._stream()
        elif word == "ws":
            self._echo()
        else:
            self._answer(
                200, {"name": os.environ.get("NAME", ""), "path": self.path, "headers": dict(self.headers)}
            )

    do_POST = do_PUT = do_DELETE = do_GET

    def _answer(self, status: int, document: dict[str, object]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(5):
            line = f"line {number}\n".encode()
            self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            self.wfile.flush()
            time.sleep(1)
        self.wfile.write(b"0\r\n\r\n")

    def _echo(self) -> None:
        key = self.headers["Sec-WebSocket-Key"] + _MAGIC
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header(
            "Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        )
        self.end_headers()
        while head := self.rfile.read(2):
            length = head[1] & 0x7F  # short, masked frames
            mask, payload = self.rfile.read(4), self.rfile.read(length)
            if head[0] & 0x0F == 8:
                break
            text = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
            self.wfile.write(bytes([head[0], len(text)]) + text)
            self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
            ThreadingHTTPServer(("", 8000), Handler).serve_forever()
        case ["run", code]:
            exec(code, {"__name__": "__contract__"})  # noqa: S102 - the suite's own code
        case words:
            sys.exit(f"{words} is not known: serve, or run and code")
