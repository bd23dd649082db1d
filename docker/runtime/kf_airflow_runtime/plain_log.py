"""The events of our own processes: one line of JSON each, for a log that is searched by its fields.

Airflow's processes log as Airflow does. `nox -s logs` shows the sentences.
"""

import json
import os
from datetime import UTC, datetime
from typing import Protocol

PROCESS = "KF_AIRFLOW_PROCESS"
"""The variable in which the entrypoint says which of the image's processes this is."""


class Say(Protocol):
    """Whatever is told events as `say` is."""

    def __call__(self, sentence: str, *, event: str = "note", level: str = "info", **about: object) -> None:
        """Takes notice of an event."""


def say(sentence: str, *, event: str = "note", level: str = "info", **about: object) -> None:
    """Writes an event with one system call, also from a thread of a process that forks.

    Both logging and `sys.stdout` hold a lock while they write, which a process forked meanwhile would keep
    locked.

    Args:
        sentence: What happened, for people.
        event: What it is called, for searches: always the same for the same kind of event.
        level: `info`, or `warning` for what somebody should look at.
        about: What it is about, such as `dag_id`, `task_id`, `run_id` and `try_number`.
    """
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "process": os.environ.get(PROCESS, "kf-airflow"),
        "event": event,
        "message": sentence,
        **about,
    }
    os.write(1, f"{json.dumps(line, default=str)}\n".encode())
