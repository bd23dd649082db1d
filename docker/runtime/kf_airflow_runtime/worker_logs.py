"""The worker's process that sends logs to S3, and the thread that keeps it running."""

import os
import subprocess
import sys
import threading
import time
from typing import Any

from celery import bootsteps

from kf_airflow_runtime.log_settings import remote_folder
from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.unsent_logs import unsent_logs

_SENDER = (sys.executable, "-m", "kf_airflow_runtime.log_sender")
_PAUSE_SECONDS = 2.0


class LogSenderStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of Celery's worker that sends what an earlier worker left on the disk, and then all that comes.

    It starts after the pool, so that the first processes of the pool are forked before there is a thread.
    """

    requires = ("celery.worker.components:Pool",)

    def start(self, _worker: Any) -> None:
        """Starts the process, and the thread, which ends with the worker."""
        if remote_folder(os.environ) is None:
            return
        unsent_logs(os.environ).note_all()  # nothing runs yet, so nobody writes
        threading.Thread(target=keep_sending, name="logs", daemon=True).start()


def keep_sending() -> None:
    """Starts the process again whenever it ends, which it does only if it is killed."""
    while True:
        try:
            became = f"ended with {subprocess.run(_SENDER, stdin=subprocess.DEVNULL, check=False).returncode}"
        except OSError as error:
            became = f"did not start ({error!r})"
        say(
            f"the process that sends logs to S3 {became}, and is started again",
            event="log-sender-ended",
            level="warning",
        )
        time.sleep(_PAUSE_SECONDS)
