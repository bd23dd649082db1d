"""The report that the benchmarks fill in."""

import json
import os
import platform
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from project import REPORTS, ROOT

REPORT = REPORTS / "bench.json"


@pytest.fixture(scope="session")
def report() -> Iterator[dict[str, Any]]:
    """Figures by name; what is in it at the end of the session is written to build/reports/bench.json.

    A figure that this session did not measure is kept from the session before, with the commit it is of.
    """
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    figures: dict[str, Any] = {}
    yield figures
    stamp = {
        "commit": commit,
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
    }
    known = json.loads(REPORT.read_text()) if REPORT.exists() else {}
    known.update({name: {**figure, **stamp} for name, figure in figures.items()})
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
