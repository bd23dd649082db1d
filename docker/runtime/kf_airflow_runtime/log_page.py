"""What the page of a log shows: what S3 has, what the worker has, and in a sentence what is missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from kf_airflow_runtime.log_lines import lines
from kf_airflow_runtime.stored_logs import StoredLog, StoreError

JUST_ENDED_SECONDS = 3.0
"""For so long after a task's end S3 is asked again until it has the log's last lines, which a task may still
write when Airflow says already that it has ended."""

_ASK_AGAIN_SECONDS = 0.3
_CLOCKS_SECONDS = 10.0
"""S3 tells in whole seconds of its own clock when an object was written; a task's end is by the worker's."""

_LOST = "What a worker has not sent when it is killed is lost."


@dataclass(frozen=True)
class ServedLog:
    """What a worker has of a log.

    Args:
        url: Where.
        identity: Whose log it is; None if it has no line yet.
        size: How many bytes it has.
        pieces: Reads it.
    """

    url: str
    identity: str | None
    size: int
    pieces: Callable[[], Iterator[bytes]] = field(repr=False, compare=False)


class WorkerError(Exception):
    """A worker does not answer, or has no such log. Its text says which, in one line."""


@dataclass(frozen=True)
class Try:
    """One try of a task.

    Args:
        state: Its state, in Airflow's words; None before it is scheduled.
        writes: Whether somebody may write its log at the moment.
        ended: When it ended; None if it has not.
        host: The worker that ran it; empty if none has.
    """

    state: str | None
    writes: bool
    ended: datetime | None
    host: str


@dataclass
class Page:
    """What is shown.

    Attributes:
        sources: Where the lines come from.
        parts: The parts of the log, in the order of time.
        notices: Sentences about what is missing.
        writes: Whether the last line may be unfinished.
    """

    sources: list[str]
    parts: list[StoredLog | ServedLog]
    notices: list[str]
    writes: bool

    def lines(self) -> Iterator[str]:
        """The log's lines, read as they are asked for."""
        for part in self.parts:
            unfinished = self.writes and isinstance(part, ServedLog)
            try:
                yield from lines(part.pieces(), ended=not unfinished)
            except (StoreError, WorkerError) as error:
                self.notices.append(f"Reading stopped in the middle ({error}): load the page again.")
                return


class LogPages:
    """Puts pages together.

    Args:
        stored: Asks S3 for a path; raises `StoreError`.
        served: Asks a host for a path; raises `WorkerError`.
        retention_days: For how many days S3 keeps logs; None for ever.
        now: The time.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        stored: Callable[[str], list[StoredLog]],
        served: Callable[[str, str], ServedLog],
        retention_days: int | None,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._stored, self._served = stored, served
        self._retention_days, self._now, self._sleep = retention_days, now, sleep

    def page(self, path: str, of: Try) -> Page:
        """Returns the page of a try.

        Args:
            path: The log's place below the folder of logs.
            of: The try.
        """
        away: str | None = None
        found: list[StoredLog] = []
        try:
            found = self._find(path, of)
        except StoreError as error:
            away = str(error)
        page = Page([log.key for log in found], list(found), [], of.writes)
        if away is None and (_complete(found, of) or self._expired(found, of, page)):
            return page
        if of.host:
            self._add_served(path, of, page, away)
        elif not found:
            page.notices.append(_never_ran(of, away))
        return page

    def _find(self, path: str, of: Try) -> list[StoredLog]:
        while True:
            found = self._stored(path)
            if of.ended is None or of.writes or _complete(found, of):
                return found
            if self._now() - of.ended > timedelta(seconds=JUST_ENDED_SECONDS):
                return found
            self._sleep(_ASK_AGAIN_SECONDS)

    def _expired(self, found: list[StoredLog], of: Try, page: Page) -> bool:
        if found or self._retention_days is None or of.ended is None:
            return False
        if self._now() - of.ended < timedelta(days=self._retention_days):
            return False
        page.notices.append(
            f"This log has expired: logs are kept for {self._retention_days} days, and the task ended on "
            f"{of.ended.astimezone(UTC):%Y-%m-%d}."
        )
        return True

    def _add_served(self, path: str, of: Try, page: Page, away: str | None) -> None:
        try:
            served = self._served(of.host, path)
        except WorkerError as error:
            page.notices.append(_missing(of, page.parts, away, str(error)))
            return
        if away is not None:
            page.notices.append(
                f"S3 does not answer ({away}). Shown is what worker {of.host} has, to be sent later."
            )
        if served.identity is None:
            return
        page.sources.append(served.url)
        same = [part for part in page.parts if part.identity == served.identity and part.size <= served.size]
        kept = [part for part in page.parts if part not in same]
        if not any(part.identity == served.identity for part in kept):
            kept.append(served)
        page.parts = sorted(kept, key=lambda part: str(part.identity))


def _complete(found: list[StoredLog], of: Try) -> bool:
    """Whether S3 has the log to its end, or to where a try is that will go on."""
    if of.writes or not found:
        return False
    last = max(found, key=lambda log: log.modified)
    late = of.ended is None or last.modified >= of.ended - timedelta(seconds=_CLOCKS_SECONDS)
    return last.ended and late


def _missing(of: Try, parts: list[StoredLog | ServedLog], away: str | None, reason: str) -> str:
    if away is not None:
        return (
            f"The log cannot be shown at the moment: S3 does not answer ({away}), and neither does worker "
            f"{of.host} ({reason})."
        )
    stored = [part.modified for part in parts if isinstance(part, StoredLog)]
    if of.writes:
        until = f"what it had sent to S3 by {max(stored):%H:%M:%S} UTC" if stored else "nothing"
        return f"Worker {of.host}, which runs this task, does not answer ({reason}). Shown is {until}."
    if stored:
        return (
            f"The log may end too early: worker {of.host} sent this much by {max(stored):%Y-%m-%d %H:%M:%S} "
            f"UTC, and does not answer now ({reason}). {_LOST}"
        )
    return f"This try has no log: it is not in S3, and worker {of.host} does not answer ({reason}). {_LOST}"


def _never_ran(of: Try, away: str | None) -> str:
    if away is not None:
        return f"The log cannot be shown at the moment: S3 does not answer ({away})."
    if of.ended is None:
        return "No worker has begun this task, so there is no log yet."
    return "No worker ran this task, so there is no log: Airflow has ended it by itself."
