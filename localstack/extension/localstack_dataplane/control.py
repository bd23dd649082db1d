"""What AWS does by itself, done on demand: tests ask for it beside the API, at /_dataplane/<name>.

A module that has something to trigger adds it to `CONTROLS` when the data plane starts:

    CONTROLS.add("spot-interruption", POST=interrupt)

with one function for each HTTP method. It takes the JSON object of the request (an empty one without a body),
returns the JSON object of the answer (None: an empty one), and raises a `ControlError` to refuse:

    def interrupt(request: Mapping[str, Any]) -> Mapping[str, Any]: ...

    curl -X POST http://localhost:4566/_dataplane/spot-interruption -d '{"task": "arn:aws:ecs:..."}'

Adding a name again replaces it. `plugin.py` puts the path into LocalStack's router; this module knows nothing
of LocalStack.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

LOG = logging.getLogger(__name__)

PATH = "/_dataplane"

Document = Mapping[str, Any]
Control = Callable[[Document], Document | None]


class ControlError(ValueError):
    """A control refuses what it was asked; the message is for the one who asked.

    Args:
        message: What is wrong, with the value.
        status: The HTTP status to answer with.
    """

    def __init__(self, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.status = status


class Controls:
    """Controls by name, safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._controls: dict[str, dict[str, Control]] = {}

    def add(self, name: str, **methods: Control) -> None:
        """Serve a control.

        Args:
            name: The path behind /_dataplane/.
            **methods: HTTP method -> what to do.
        """
        with self._lock:
            self._controls[name] = dict(methods)

    def answer(self, method: str, name: str, body: bytes) -> tuple[int, Document]:
        """Status and JSON object for a request."""
        with self._lock:
            methods = self._controls.get(name)
            known = sorted(self._controls)
        if methods is None:
            return _refused(HTTPStatus.NOT_FOUND, f"There is no control {name!r}, only {known}.")
        control = methods.get(method)
        if control is None:
            allowed = sorted(methods)
            return _refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{name} takes {allowed}, not {method}.")
        try:
            return HTTPStatus.OK, control(_parsed(body)) or {}
        except ControlError as error:
            return _refused(error.status, str(error))
        except Exception as error:
            LOG.exception("The control %s failed", name)
            return _refused(HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}: {error}")


CONTROLS = Controls()
"""Those that LocalStack serves."""


def _parsed(body: bytes) -> Document:
    try:
        document = json.loads(body or b"{}")
    except ValueError as error:
        raise ControlError(f"The body is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise ControlError(f"The body is {body.decode(errors='replace')}, not a JSON object.")
    return document


def _refused(status: int, message: str) -> tuple[int, Document]:
    return status, {"message": message}
