"""`python -m kf_airflow_runtime.log_sender`: sends the worker's logs to S3, however long S3 is away.

A process of its own beside Celery's, because it speaks TLS (`own_service` says why that matters), and because
no task should wait for S3: a task's supervisor leaves a note and is done. What it has not sent when it ends
its successor finds on the disk.
"""

import fcntl
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

from kf_airflow_runtime.log_path import ids_in
from kf_airflow_runtime.log_settings import remote_folder
from kf_airflow_runtime.log_turns import Attempts
from kf_airflow_runtime.log_upload import LogUploader, s3_client
from kf_airflow_runtime.plain_log import Say, say
from kf_airflow_runtime.running_logs import RunningLogs
from kf_airflow_runtime.unsent_logs import UnsentLog, UnsentLogs, unsent_logs
from kf_airflow_runtime.worker_measure import Measure

_TURN_SECONDS = 0.2
_AT_ONCE = 4
_LOCK = ".sender"


class LogSender:
    """Sends what is noted, and now and then what running tasks have written.

    Args:
        unsent: What is noted.
        uploader: What sends a log.
        clock: Seconds that never go back.
        say: Told what becomes of S3.
    """

    def __init__(
        self,
        unsent: UnsentLogs,
        uploader: LogUploader,
        clock: Callable[[], float] = time.monotonic,
        say: Say = say,
    ) -> None:
        self._unsent, self._uploader, self._say = unsent, uploader, say
        self._attempts = Attempts(clock)
        self._running = RunningLogs(unsent.folder, clock)
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="log")
        self._under_way: dict[str, Future[None]] = {}
        self._away = False

    @property
    def idle(self) -> bool:
        """Whether nothing is left to be sent."""
        return not self._under_way and not self._unsent.count()

    def turn(self) -> None:
        """Begins what is due. Does not wait for S3."""
        self._under_way = {path: one for path, one in self._under_way.items() if not one.done()}
        noted = self._unsent.all()
        for log in noted:
            self._begin(log.path, self._send_ended, log)
        for path in self._running.due(except_for={log.path for log in noted}):
            self._begin(path, self._send_running, path)

    def wait(self) -> None:
        """Waits for what was begun."""
        for one in list(self._under_way.values()):
            one.result()

    def _begin(self, path: str, send: Callable[..., None], *arguments: object) -> None:
        free = len(self._under_way) < _AT_ONCE and path not in self._under_way
        if free and self._attempts.due(path):
            self._under_way[path] = self._pool.submit(send, *arguments)

    def _send_ended(self, log: UnsentLog) -> None:
        if self._send(log.path, ended=True):
            self._unsent.sent(log)

    def _send_running(self, path: str) -> None:
        self._send(path, ended=False)

    def _send(self, path: str, *, ended: bool) -> bool:
        try:
            upload = self._uploader.send(path, ended=ended, before=self._running.uploaded(path))
        except Exception as error:  # whatever it is, the log is kept and tried again
            self._attempts.failed(path)
            if not self._away:
                self._away = True
                self._say(
                    f"S3 does not take logs, which are kept and sent later: {_one_line(error)}",
                    event="log-upload-fails",
                    level="warning",
                    path=path,
                    **ids_in(path),
                )
            return False
        self._attempts.done(path)
        self._running.sent(path, upload, ended=ended)
        if self._away and not self._attempts.failing:
            self._away = False
            self._say(
                "S3 takes logs again, and has all of those that could not be sent",
                event="log-upload-works-again",
            )
        return True


def only_one(folder: Path) -> IO[str] | None:
    """The right to send the logs of a folder, as a file to keep open; None if another process has it."""
    notes = folder / ".unsent"
    notes.mkdir(parents=True, exist_ok=True)
    lock = (notes / _LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def main() -> None:
    """Sends until it is ended; with `--until-idle`, until there is nothing left."""
    unsent, remote = unsent_logs(os.environ), remote_folder(os.environ)
    lock = only_one(unsent.folder)
    if lock is None or remote is None:
        return
    sender = LogSender(unsent, LogUploader(s3_client(), remote, unsent.folder))
    measure = Measure(unsent.measured, os.environ)
    with lock, suppress(KeyboardInterrupt):
        while not ("--until-idle" in sys.argv and sender.idle):
            sender.turn()
            measure.turn()
            time.sleep(_TURN_SECONDS)


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())


if __name__ == "__main__":
    main()
