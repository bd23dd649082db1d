"""The events of our own processes in a log: lines of JSON among those of others."""

import json
from typing import Any


def events(log: str) -> list[dict[str, Any]]:
    """What our processes have said, in its order."""
    return [json.loads(line) for line in log.splitlines() if line.startswith('{"time"')]


def messages(log: str) -> list[str]:
    """The sentences of it."""
    return [str(event["message"]) for event in events(log)]
