"""What RQ's workers do."""

import os
import socket
import time

from rq import get_current_job

from dataservice.records import Records
from dataservice.settings import Settings


def count_words(text: str, seconds: float = 0) -> None:
    """Counts the words of a text, which takes that many seconds, and writes the number down."""
    job = get_current_job()
    assert job is not None
    time.sleep(seconds)
    with _records() as records:
        records.add_count(job.id, words=len(text.split()), worker=socket.gethostname())


def take_total() -> None:
    """Adds up what was counted until now."""
    with _records() as records:
        records.take_total()


def _records() -> Records:
    # Each job has a process of its own, and connections do not outlive a fork.
    return Records(Settings.of(os.environ))
