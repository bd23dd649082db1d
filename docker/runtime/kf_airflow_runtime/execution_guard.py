"""Keeps the execution API, with which workers report and get their connections, from whoever is outside.

The load balancer refuses its path too, but compares what the client wrote: `/%65xecution/` is another path to
it and the same one to the server, which decodes before it looks for a route.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_SEGMENT = "execution"
# An Application Load Balancer adds both, and can be told to leave out only the first. Workers come directly.
_SIGNS = (b"x-forwarded-for", b"x-forwarded-port")
# Without a limit, a path that is encoded in itself thousands of times would be work for seconds.
_DECODINGS = 4
_BODY = b'{"detail":"The execution API is not to be had through a load balancer: workers reach it directly."}'


class ExecutionGuard:
    """ASGI middleware that answers 403 to a request for the execution API that a load balancer passed on.

    Args:
        app: What answers all else.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Refuses or passes on; ASGI's signature."""
        if not refused(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": _BODY})


def refused(scope: Message) -> bool:
    """Whether an ASGI connection asks for the execution API and came through a load balancer."""
    if scope["type"] not in ("http", "websocket"):
        return False
    if not any(name.lower() in _SIGNS for name, _ in scope.get("headers", ())):
        return False
    path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
    # The server's route is looked for below `root_path` when the path begins with it, else in the whole path.
    return leads_there(path) or (bool(root) and path.startswith(root) and leads_there(path[len(root) :]))


def leads_there(path: str) -> bool:
    """Whether a path may be one of the execution API, for any reading of it.

    The server's own reading is one decoding, done before this, and a comparison. No path of the UI or the
    public API comes near, so whatever something in between could still decode, merge or fold counts as well.
    """
    for _ in range(_DECODINGS):
        segments: list[str] = []
        for segment in path.replace("\\", "/").split("/"):
            # Parameters of a segment are no part of its name to some servers.
            name = segment.partition(";")[0].strip().casefold()
            if name == "..":
                segments[-1:] = []
            elif name not in ("", "."):
                segments.append(name)
        if segments[:1] == [_SEGMENT]:
            return True
        path = unquote(path)
    return False
