"""The processes in which Airflow runs tasks: found in /proc, so that it works while all else is stuck."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

TITLE = b"airflow worker -- "
"""What Airflow calls such a process; the id of the task instance follows. Not its supervisor, the process of
Celery's pool, which has to live on to tell the scheduler how the task ended and to upload the log."""

_PROC = Path("/proc")


def runners(ancestor: int, proc: Path = _PROC) -> list[int]:
    """The ids of the processes below `ancestor` that run a task.

    Args:
        ancestor: The id of Celery's main process.
        proc: Where the kernel shows processes.
    """
    parents = dict(_parents(proc))
    found = []
    for pid in parents:
        with contextlib.suppress(OSError):
            title = (proc / str(pid) / "cmdline").read_bytes()
            if title.startswith(TITLE) and _is_below(pid, ancestor, parents):
                found.append(pid)
    return sorted(found)


def send(pids: list[int], number: signal.Signals) -> None:
    """Sends each process a signal; one that has just ended is as good."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _parents(proc: Path) -> Iterator[tuple[int, int]]:
    for entry in proc.iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # The name of the program, in parentheses, may itself have blanks and parentheses.
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
                yield int(entry.name), int(fields[1])


def _is_below(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
        if pid == ancestor:
            return True
    return False
