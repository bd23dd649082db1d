"""The report that the benchmarks fill in."""

from collections.abc import Iterator
from typing import Any

import pytest
from figures import figures
from project import REPORTS


@pytest.fixture(scope="session")
def report() -> Iterator[dict[str, Any]]:
    """Figures by name, written to build/reports/bench.json at the end of the session."""
    with figures(REPORTS / "bench.json") as measured:
        yield measured
