"""What is known of the logs on the disk: what of them is in S3, which have grown, which can go."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kf_airflow_runtime.log_turns import KeptLog, to_empty, worth_sending
from kf_airflow_runtime.log_upload import Upload
from kf_airflow_runtime.unsent_logs import logs_below

_LOOK_SECONDS = 15.0


@dataclass(frozen=True)
class _Known:
    at: float
    upload: Upload | None = None
    ended: bool = False

    @property
    def size(self) -> int:
        return self.upload.size if self.upload else 0


class RunningLogs:
    """Looks at the folder of logs now and then.

    Args:
        folder: Where they are.
        clock: Seconds that never go back.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder, self._clock = folder, clock
        self._known: dict[str, _Known] = {}
        self._looked = clock()

    def uploaded(self, path: str) -> Upload | None:
        """What of a log is in S3, as far as is known."""
        known = self._known.get(path)
        return known.upload if known else None

    def sent(self, path: str, upload: Upload | None, *, ended: bool) -> None:
        """A log has been sent."""
        self._known[path] = _Known(self._clock(), upload, ended)

    def due(self, *, except_for: set[str]) -> list[str]:
        """The logs that have grown and are to be sent; nothing most of the time.

        Args:
            except_for: Those that are sent anyway.
        """
        now = self._clock()
        if now < self._looked + _LOOK_SECONDS:
            return []
        self._looked = now
        found, kept = [], []
        for path in logs_below(self._folder):
            with suppress(OSError):  # it has gone
                file = (self._folder / path).stat()
                known = self._known.setdefault(path, _Known(now))
                if path in except_for:
                    continue
                if known.ended and known.size == file.st_size:
                    kept.append(KeptLog(path, file.st_size, time.time() - file.st_mtime))
                elif worth_sending(file.st_size, sent_size=known.size, seconds_since=now - known.at):
                    found.append(path)
        for path in to_empty(kept):
            self._empty(path)
        return found

    def _empty(self, path: str) -> None:
        """Frees the disk; the file stays, for a try that comes back to it has it open."""
        with suppress(OSError):
            os.truncate(self._folder / path, 0)
            del self._known[path]
