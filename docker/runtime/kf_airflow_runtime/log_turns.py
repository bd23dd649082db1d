"""Which log is sent when: after its task has ended at once, and again and again until it is there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

LONGEST_PAUSE_SECONDS = 10.0
"""Between two attempts: a worker that has been told to end has 95 s, and a log is to be there soon after S3
is. A worker's attempts for a few hundred logs do no harm to S3."""

_FIRST_PAUSE_SECONDS = 0.5

RUNNING_SECONDS = 60.0
"""How often what a running task has written is sent: that much is lost with a worker that is killed."""

_SMALL_BYTES = 2**20
"""Up to here. Each time the whole log is sent, and the bucket keeps what was there as an old version."""

_MIDDLE_SECONDS, _MIDDLE_BYTES = 900.0, 16 * 2**20
_GROWTH = 1.25
"""A larger log is sent again when it has grown by a quarter: all that is sent of it together is no more than
five times its size, however long it is written. Up to 16 MiB every quarter of an hour, too."""


class Attempts:
    """When a log that could not be sent is tried again.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    @property
    def failing(self) -> int:
        """How many logs could not be sent at their last attempt."""
        return len(self._failures)

    def due(self, path: str) -> bool:
        """Whether it may be tried now."""
        return self._clock() >= self._not_before.get(path, 0.0)

    def failed(self, path: str) -> None:
        """It was not sent: the pause before the next attempt doubles."""
        failures = self._failures.get(path, 0)
        self._failures[path] = failures + 1
        pause = min(_FIRST_PAUSE_SECONDS * 2 ** min(failures, 10), LONGEST_PAUSE_SECONDS)
        self._not_before[path] = self._clock() + pause

    def done(self, path: str) -> None:
        """It was sent."""
        self._failures.pop(path, None)
        self._not_before.pop(path, None)


def worth_sending(size: int, *, sent_size: int, seconds_since: float) -> bool:
    """Whether what a running task has written since is to be sent.

    Args:
        size: How many bytes there are.
        sent_size: How many were sent before; 0 if none.
        seconds_since: How long ago that was, or since the log was seen first.
    """
    if size == sent_size or seconds_since < RUNNING_SECONDS:
        return False
    if size <= _SMALL_BYTES or size >= sent_size * _GROWTH:
        return True
    return size <= _MIDDLE_BYTES and seconds_since >= _MIDDLE_SECONDS


@dataclass(frozen=True)
class KeptLog:
    """A log that has been sent and is still on the disk.

    Args:
        path: Its place below the folder of logs.
        size: How many bytes.
        quiet_seconds: For how long nobody has written it.
    """

    path: str
    size: int
    quiet_seconds: float


KEPT_SECONDS = 3600.0
KEPT_BYTES = 2**30
_KEPT_AT_LEAST_SECONDS = 60.0
"""Who has just been told by S3 that a log is not there asks the worker next, so that has to have it still."""


def to_empty(kept: Iterable[KeptLog]) -> list[str]:
    """Which of the logs that are in S3 need not be on the disk any more.

    Args:
        kept: All that are.
    """
    found, total = [], 0
    for log in sorted(kept, key=lambda log: log.quiet_seconds):
        total += log.size
        if log.quiet_seconds > KEPT_SECONDS or (
            total > KEPT_BYTES and log.quiet_seconds > _KEPT_AT_LEAST_SECONDS
        ):
            found.append(log.path)
    return found
