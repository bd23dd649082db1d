"""Asks HTTP requests from inside the network; run by `run` of the suite's image.

$ASKED is JSON: name -> request. A request has `host` and `port`, and perhaps `method`, `path`, `headers`,
`tls`, `sni`, `times`, `timeout` and `after` (seconds to wait first). With `websocket` it is that text, sent
and echoed.
Each answer is one line of JSON.
"""

import base64
import http.client
import json
import os
import socket
import ssl
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

_PATIENCE = 30


def connect(asked: dict[str, Any]) -> socket.socket:
    """Connects, with patience: a listener that was just made is not there yet."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            found = socket.create_connection((asked["host"], asked["port"]), timeout=asked.get("timeout", 30))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
        else:
            break
    if not asked.get("tls"):
        return found
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(found, server_hostname=asked.get("sni"))


def ask(asked: dict[str, Any]) -> dict[str, Any]:
    """Asks one request."""
    opened = connect(asked)
    connection = http.client.HTTPConnection(asked["host"], asked["port"])
    connection.sock = opened
    started = time.monotonic()
    connection.request(
        asked.get("method", "GET"),
        asked.get("path", "/"),
        asked.get("body"),
        headers=asked.get("headers", {}),
    )
    response = connection.getresponse()
    arrivals, body = [], b""
    while piece := response.read1(65536):
        arrivals.append(round(time.monotonic() - started, 2))
        body += piece
    answer = {
        "status": response.status,
        "headers": {name.lower(): value for name, value in response.getheaders()},
        "body": body.decode(errors="replace"),
        "arrivals": arrivals,
        "seconds": round(time.monotonic() - started, 2),
    }
    if isinstance(opened, ssl.SSLSocket):
        answer["certificate"] = (opened.getpeercert(binary_form=True) or b"").hex()
        answer["tls"] = opened.version()
    connection.close()
    return answer


def speak(asked: dict[str, Any]) -> dict[str, Any]:
    """Opens a WebSocket, sends the text, waits `pause` seconds, sends it again; returns both echoes."""
    opened = connect(asked)
    key = base64.b64encode(os.urandom(16)).decode()
    opened.sendall(
        f"GET {asked.get('path', '/ws')} HTTP/1.1\r\nHost: {asked['host']}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    stream = opened.makefile("rb")
    status = int(stream.readline().split()[1])
    while stream.readline().strip():
        pass
    text, echoes = asked["websocket"].encode(), []
    for _ in range(2):
        opened.sendall(bytes([0x81, 0x80 | len(text)]) + b"\0\0\0\0" + text)
        head = stream.read(2)
        echoes.append(stream.read(head[1]).decode() if head else "")
        time.sleep(asked.get("pause", 0))
    opened.close()
    return {"status": status, "echoes": echoes}


def tell(document: dict[str, Any]) -> None:
    """Writes a line at once: others write, too."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def answer(name: str, asked: dict[str, Any]) -> None:
    """Answers one request, as often as it is asked; the last answer, and the names that all of them had."""
    time.sleep(asked.get("after", 0))
    tell({"asking": name})
    found: dict[str, Any] = {}
    names = []
    try:
        for _ in range(asked.get("times", 1)):
            found = speak(asked) if "websocket" in asked else ask(asked)
            if asked.get("times", 1) > 1:
                names.append(json.loads(found["body"])["name"])
    except (OSError, ValueError, http.client.HTTPException) as error:
        found = {"error": repr(error)}
    tell({"name": name, **found, "names": names})


if __name__ == "__contract__":
    requests = json.loads(os.environ["ASKED"])
    with ThreadPoolExecutor(16) as executor:
        for _ in executor.map(lambda item: answer(*item), requests.items()):
            pass
