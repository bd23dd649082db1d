"""Writes down how much memory the container has in use that it is in, again and again, until it is killed.

A line each time, in MB, into the file that its argument names. It is the kernel's own count, without what is
only kept of files: Airflow hides the memory of a task's processes from all others.
"""

import re
import sys
import time
from pathlib import Path

EVERY_SECONDS = 0.1
# By the version of the control groups: where it stands, and what it is called.
COUNTS = (
    ("/sys/fs/cgroup/memory.stat", r"^anon (\d+)$"),
    ("/sys/fs/cgroup/memory/memory.stat", r"^total_rss (\d+)$"),
)


def in_use_mb() -> float:
    """What is in use now.

    Raises:
        LookupError: The kernel does not say.
    """
    for path, pattern in COUNTS:
        if Path(path).exists():
            found = re.search(pattern, Path(path).read_text(), re.MULTILINE)
            if found:
                return int(found[1]) / 1e6
    raise LookupError(f"none of {[path for path, _ in COUNTS]} says how much memory is in use")


def watch(written: Path) -> None:
    """Goes on and on."""
    with written.open("w", buffering=1) as file:
        while True:
            file.write(f"{in_use_mb():.1f}\n")
            time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
