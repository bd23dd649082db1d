"""A line of the container's log, from a thread of a process that forks."""

import os


def say(sentence: str) -> None:
    """Writes the line with one system call.

    Both logging and `sys.stdout` hold a lock while they write, which a process forked meanwhile would keep
    locked.
    """
    os.write(1, f"kf-airflow: {sentence}\n".encode(errors="replace"))
