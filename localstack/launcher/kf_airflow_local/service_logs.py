"""The log of a service: what its containers wrote, in the order they wrote it."""

import json
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from docker.errors import DockerException
from docker.models.containers import Container

_MESSAGE = "message"
_SHOWN_BY_DOCKER = {"time", "level", "process", _MESSAGE}


def tail(containers: Iterable[Container], lines: int) -> Iterator[str]:
    """Yield the last lines of several containers by their time.

    Args:
        containers: Whose.
        lines: How many of each.
    """
    found: list[tuple[str, str, str]] = []
    for container in containers:
        text = container.logs(tail=lines, timestamps=True).decode(errors="replace")
        for line in text.splitlines():
            moment, _, rest = line.partition(" ")
            found.append((moment, str(container.name), rest))
    several = len({name for _, name, _ in found}) > 1
    for _, name, line in sorted(found, key=lambda one: one[0]):
        yield f"{name} | {readable(line)}" if several else readable(line)


def follow(containers: Iterable[Container], lines: int, show: Callable[[str], None]) -> None:
    """Show what several containers write, until all of them have ended.

    Args:
        containers: Whose.
        lines: How many earlier lines of each.
        show: Told each line.
    """
    followed = list(containers)
    lines_: queue.Queue[str | None] = queue.Queue()

    def read(container: Container) -> None:
        try:
            for part in container.logs(stream=True, follow=True, tail=lines):
                for line in part.decode(errors="replace").splitlines():
                    text = readable(line)
                    lines_.put(f"{container.name} | {text}" if len(followed) > 1 else text)
        except DockerException as error:
            lines_.put(f"{container.name} | (no more: {error})")
        lines_.put(None)

    for container in followed:
        threading.Thread(target=read, args=(container,), daemon=True).start()
    ended = 0
    while ended < len(followed):
        line = lines_.get()
        if line is None:
            ended += 1
        else:
            show(line)


def readable(line: str) -> str:
    """Return a line as people read it: an event of our processes as its sentence, anything else as it is."""
    event = _event(line)
    if event is None:
        return line
    details = ", ".join(f"{name}={value}" for name, value in event.items() if name not in _SHOWN_BY_DOCKER)
    sentence = f"{event.get('time', '')} {event.get('process', '')}: {event[_MESSAGE]}".strip()
    return f"{sentence} ({details})" if details else sentence


def _event(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and _MESSAGE in event else None
