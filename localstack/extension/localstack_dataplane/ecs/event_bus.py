"""Events of ECS on their way to EventBridge."""

import json
import logging
import queue
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localstack_dataplane.aws import Aws
from localstack_dataplane.clock import now

LOG = logging.getLogger(__name__)

_MOST_ENTRIES = 10
"""That one PutEvents call takes."""

_GATHERED_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event.

    Attributes:
        account: Where it happened.
        region: Where it happened.
        detail_type: Such as `ECS Task State Change`.
        resource: ARN of what it is about.
        detail: What happened.
        time: When.
    """

    account: str
    region: str
    detail_type: str
    resource: str
    detail: Mapping[str, Any]
    time: datetime = field(default_factory=now)

    def entry(self) -> dict[str, Any]:
        """The event as PutEvents takes it."""
        return {
            "Time": self.time,
            "Source": "aws.ecs",
            "DetailType": self.detail_type,
            "Resources": [self.resource],
            "Detail": json.dumps(self.detail, default=in_iso_format),
        }


class EventBus:
    """Sends events in the order they come, several at a time, so that nothing waits for EventBridge.

    Args:
        aws: EventBridge.
    """

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._waiting: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._arrived, self._stopping = threading.Event(), threading.Event()
        self._sender = threading.Thread(target=self._send_forever, name="dataplane-ecs-events", daemon=True)

    def put(self, event: Event) -> None:
        """Take in an event."""
        self._waiting.put(event)
        self._arrived.set()

    def start(self) -> None:
        """Start sending."""
        self._sender.start()

    def stop(self) -> None:
        """Send what is there and stop."""
        self._stopping.set()
        self._arrived.set()
        self._sender.join(timeout=5)

    def flush(self) -> None:
        """Send what is there; what EventBridge does not take is lost, and the log says so."""
        for (account, region), events in groupby(self._taken(), key=lambda item: (item.account, item.region)):
            together = list(events)
            for start in range(0, len(together), _MOST_ENTRIES):
                self._send(account, region, together[start : start + _MOST_ENTRIES])

    def _taken(self) -> Iterator[Event]:
        while True:
            try:
                yield self._waiting.get_nowait()
            except queue.Empty:
                return

    def _send(self, account: str, region: str, events: Iterable[Event]) -> None:
        try:
            self._aws.client("events", account, region).put_events(Entries=[item.entry() for item in events])
        except (ClientError, BotoCoreError) as error:
            LOG.warning("Events of ECS are lost: %s", error)

    def _send_forever(self) -> None:
        while not self._stopping.is_set():
            self._arrived.wait()
            self._stopping.wait(_GATHERED_SECONDS)
            self._arrived.clear()
            try:
                self.flush()
            except Exception:
                LOG.exception("Events of ECS could not be sent")


def in_iso_format(value: object) -> str:
    """A time as ECS writes it into events."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"{value!r} is nothing that JSON has.")
