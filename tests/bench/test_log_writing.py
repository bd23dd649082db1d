"""What memory a worker takes for a task that writes a large log: the image against Airflow alone."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import log_reading
import pytest
from container_programs import run_in
from docker.models.containers import Container
from plain_logs import LOGGING_DAGS, STOCK_LOGGING, PlainLogs, logging_airflow
from waiting import wait_for

from kf_airflow.memory_checks import TASK_MIB

# Lines, and the characters of each.
LOGS = {
    "1 kB": (1, 1_000),
    "20 MB in lines of 1 kB": (20_000, 1_000),
    "20 MB in lines of 1 MB": (20, 1_000_000),
}
PROGRAM = Path(__file__).parents[1] / "support" / "memory_program.py"
WRITTEN = "/tmp/most-memory"


class WatchedWorker:
    """A worker whose memory is watched.

    Args:
        container: Where it runs.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._read = 0
        container.exec_run(["python3", "-c", PROGRAM.read_text(), WRITTEN], detach=True)

    def most_mb(self) -> float:
        """The most it had since it was last asked."""
        found = wait_for(
            "the memory has been looked at",
            self._unread,
            lambda lines: len(lines) > 2,
            timeout_seconds=30,
            interval_seconds=0.2,
        )
        self._read += len(found)
        return max(found)

    def _unread(self) -> list[float]:
        # The program has to begin before there is such a file.
        lines = run_in(self._container, "sh", "-c", f"cat {WRITTEN} || true").splitlines()
        # The last one may be half written.
        return [float(line) for line in lines[self._read : -1]]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainLogs]:
    with logging_airflow(tmp_path_factory.mktemp("ca"), LOGGING_DAGS, ["speak"]) as system:
        yield system


@pytest.fixture(scope="module")
def sides(system: PlainLogs) -> dict[str, dict[str, float]]:
    ours = _measured(system)
    system.airflow.kill(system.airflow.worker)
    system.airflow.worker = system.airflow.new_worker(changes=STOCK_LOGGING)
    return {"ours": ours, "stock": _measured(system)}


def _measured(system: PlainLogs) -> dict[str, float]:
    log_reading.done(system.airflow, "speak", lines=1)  # what the first task alone takes is not the log's
    time.sleep(10)  # its processes end
    worker = WatchedWorker(system.airflow.worker)
    time.sleep(5)  # what it has when nothing runs
    figures = {"idle": worker.most_mb()}
    for name, (lines, size) in LOGS.items():
        task = log_reading.done(system.airflow, "speak", lines=lines, size=size)
        stored = log_reading.await_object(system.s3, task, seconds=120)
        assert log_reading.numbers(stored.decode()) == list(range(lines))
        figures[name] = worker.most_mb()
    return figures


def test_the_memory_a_worker_takes_for_what_a_task_writes(
    sides: dict[str, dict[str, float]], report: dict[str, Any]
) -> None:
    above_idle = {side: {name: round(of[name] - of["idle"]) for name in LOGS} for side, of in sides.items()}
    report["log_writing"] = {
        "unit": "MB, of a worker's container, without what is kept of files",
        "idle": {side: round(of["idle"]) for side, of in sides.items()},
        "above_idle": above_idle,
        "room_for_a_task_mib": TASK_MIB,
    }

    for name, most in above_idle["ours"].items():
        assert most < TASK_MIB, (name, most)
