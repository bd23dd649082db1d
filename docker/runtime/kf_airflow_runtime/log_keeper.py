"""What Airflow gives a log to when whoever wrote it is done: the supervisor of a task, or a trigger."""

import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any

from kf_airflow_runtime.log_sender import only_one
from kf_airflow_runtime.log_upload import LogUploader, s3_client
from kf_airflow_runtime.unsent_logs import UnsentLogs

_SENDER = (sys.executable, "-m", "kf_airflow_runtime.log_sender")


class LogKeeper:
    """Airflow's `RemoteLogIO`. It never fails, and no task waits for S3.

    In a worker it leaves a note for the process that sends logs. Elsewhere, as in a triggerer, it sends the
    log itself, once, since nobody there would wait for that process; if S3 does not take it, one is started.

    Args:
        unsent: The notes.
        remote: Where logs go, as `s3://<bucket>/<prefix>`.
    """

    processors = ()

    def __init__(self, unsent: UnsentLogs, remote: str) -> None:
        self._unsent, self._remote = unsent, remote

    def upload(self, path: os.PathLike[str] | str, ti: Any = None) -> None:  # noqa: ARG002
        """Called by Airflow with a log's path, absolute or below the folder of logs."""
        relative = self._below(Path(path))
        if relative is None or not (self._unsent.folder / relative).is_file():
            return
        lock = only_one(self._unsent.folder)
        if lock is None:
            self._unsent.note(relative)
            return
        with lock:
            if self._sent(relative):
                return
            self._unsent.note(relative)
        subprocess.Popen((*_SENDER, "--until-idle"), stdin=subprocess.DEVNULL, start_new_session=True)

    def read(self, relative_path: str, ti: Any) -> tuple[list[str], None]:  # noqa: ARG002
        """Asked by nobody: `LogPageHandler` reads logs."""
        return [], None

    def _below(self, path: Path) -> str | None:
        """Its place below the folder; None if it is elsewhere."""
        base = self._unsent.folder.resolve()
        whole = (base / path).resolve()
        return whole.relative_to(base).as_posix() if whole.is_relative_to(base) else None

    def _sent(self, path: str) -> bool:
        try:
            self._uploader.send(path, ended=True)
        except Exception:  # it is noted, and tried again by another process
            return False
        return True

    @cached_property
    def _uploader(self) -> LogUploader:
        return LogUploader(s3_client(), self._remote, self._unsent.folder)
