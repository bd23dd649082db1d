"""Which logs of ended tasks are not in S3 yet: a folder of notes, which a new process finds again.

Whoever has written a log leaves a note, in one step and without waiting for anybody; `log_sender` sends the
log and takes the note away. A log may be noted several times: its task was rescheduled and went on.
"""

import contextlib
import os
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

BASE_FOLDER = "AIRFLOW__LOGGING__BASE_LOG_FOLDER"
_NOTES = ".unsent"

WORTH_WAITING_SECONDS = 6 * 3600.0
"""For how long a log keeps its worker: longer than S3 was away in 2017, which was four hours. A bucket that
is gone for good must not hold up deployments for days.

https://aws.amazon.com/message/41926/
"""


@dataclass(frozen=True)
class UnsentLog:
    """A log that has to be sent.

    Args:
        path: Its place below the folder of logs, as Airflow says it.
        since: When it was noted first, in seconds since 1970.
        notes: The names of its notes.
    """

    path: str
    since: float
    notes: tuple[str, ...]


class UnsentLogs:
    """The notes.

    Args:
        folder: Where Airflow keeps its logs (`[logging] base_log_folder`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._notes = folder / _NOTES
        self._read: dict[str, tuple[str, float]] = {}

    def note(self, path: str) -> None:
        """Says that a log is complete, for now, and has to be sent."""
        self._notes.mkdir(parents=True, exist_ok=True)
        name = uuid.uuid4().hex
        unfinished = self._notes / f".{name}"
        unfinished.write_text(path)
        unfinished.rename(self._notes / name)

    def note_all(self) -> int:
        """Notes each log there is: what runs no more when a worker starts, and may not have been sent.

        Returns:
            How many there are.
        """
        noted = {log.path for log in self.all()}
        found = [path for path in logs_below(self.folder) if path not in noted]
        for path in found:
            self.note(path)
        return len(found)

    def all(self) -> list[UnsentLog]:
        """Returns what has to be sent, the oldest first."""
        names = self._names()
        for name in names:
            with contextlib.suppress(OSError):  # taken away meanwhile
                note = self._notes / name
                if name not in self._read:
                    self._read[name] = note.read_text(), note.stat().st_mtime
        self._read = {name: self._read[name] for name in names if name in self._read}
        logs: dict[str, UnsentLog] = {}
        for name, (path, since) in self._read.items():
            known = logs.get(path, UnsentLog(path, since, ()))
            logs[path] = UnsentLog(path, min(known.since, since), (*known.notes, name))
        return sorted(logs.values(), key=lambda log: log.since)

    def sent(self, log: UnsentLog) -> None:
        """Takes the notes away that were there when the log was read; later ones stay."""
        for name in log.notes:
            (self._notes / name).unlink(missing_ok=True)

    def count(self) -> int:
        """How many notes there are: 0 when all has been sent."""
        return len(self._names())

    def awaited(self) -> int:
        """How many logs a worker should stay for."""
        return sum(time.time() - log.since < WORTH_WAITING_SECONDS for log in self.all())

    def oldest_seconds(self) -> float:
        """How long the first of them has waited; 0 when none does."""
        return max((time.time() - log.since for log in self.all()), default=0.0)

    def measured(self) -> dict[str, float]:
        """What is published of them."""
        return {"UnsentLogs": self.count(), "OldestUnsentLogSeconds": self.oldest_seconds()}

    def _names(self) -> list[str]:
        try:
            return [note.name for note in self._notes.iterdir() if not note.name.startswith(".")]
        except FileNotFoundError:
            return []


def logs_below(folder: Path) -> Iterator[str]:
    """The logs of tasks and triggers that are not empty, by their place below the folder."""
    for parent, folders, files in os.walk(folder):
        # The DAG processor's logs and our notes are no logs of tasks.
        folders[:] = [name for name in folders if Path(parent) != folder or name.startswith("dag_id=")]
        for name in files:
            path = Path(parent, name)
            if Path(parent) != folder and ".log" in name and _size(path):
                yield path.relative_to(folder).as_posix()


def unsent_logs(environ: Mapping[str, str]) -> UnsentLogs:
    """Those of this container."""
    return UnsentLogs(Path(environ.get(BASE_FOLDER, "/opt/airflow/logs")))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
