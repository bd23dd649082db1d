"""Writes down the most memory that all processes around it had together, until it is killed.

In MB, into the file that its argument names; who removes the file makes it begin anew. A page that processes
share counts once (PSS), as it does for a container's limit.
"""

import re
import sys
import time
from contextlib import suppress
from pathlib import Path

EVERY_SECONDS = 0.1


def together() -> float:
    """What the processes have now, this one left out."""
    kilobytes = 0
    for process in Path("/proc").glob("[0-9]*"):
        # One that is another user's, or has just ended.
        with suppress(OSError):
            if not Path("/proc/self").samefile(process):
                found = re.search(r"^Pss:\s+(\d+)", (process / "smaps_rollup").read_text(), re.MULTILINE)
                kilobytes += int(found[1]) if found else 0
    return kilobytes / 1000


def watch(written: Path) -> None:
    """Goes on and on."""
    most = 0.0
    while True:
        most = max(most if written.exists() else 0, together())
        draft = written.with_suffix(".draft")
        draft.write_text(f"{most:.1f}")
        draft.replace(written)
        time.sleep(EVERY_SECONDS)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
