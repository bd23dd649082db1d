"""Reports of what was measured, each figure with the commit, time and machine it is of."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from project import ROOT


@contextmanager
def figures(report: Path) -> Iterator[dict[str, Any]]:
    """Figures by name; what is in there at the end of the block is written to a report.

    A figure that was not measured in the block is kept from before, with the commit it is of.
    """
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    measured: dict[str, Any] = {}
    yield measured
    stamp = {
        "commit": commit,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
    }
    known = json.loads(report.read_text()) if report.exists() else {}
    known.update({name: {**figure, **stamp} for name, figure in measured.items()})
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
