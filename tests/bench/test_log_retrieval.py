"""How long the webserver takes to show a log in S3, and with what memory: the image against Airflow alone."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import log_reading
import pytest
from airflow_api import AirflowApi
from container_programs import run_in
from docker.models.containers import Container
from plain_logs import LOGGING_DAGS, STOCK_LOGGING, PlainLogs, logging_airflow
from plain_s3 import BUCKET, PREFIX
from short_tasks import percentile

# Bytes, and how often each is read: the largest takes seconds.
SIZES = {"1 kB": (1_000, 30), "1 MB": (1_000_000, 15), "20 MB": (20_000_000, 6)}
_PEAK = "grep -h VmHWM /proc/[0-9]*/status | sort -k2 -n | tail -1 | tr -s ' \\t' ' ' | cut -d' ' -f2"


@dataclass
class Side:
    """A webserver, and what was measured there, by the size of the log."""

    webserver: Container
    api: AirflowApi
    seconds: dict[str, list[float]] = field(default_factory=dict)
    first_byte_seconds: dict[str, list[float]] = field(default_factory=dict)
    peak_mb: dict[str, float] = field(default_factory=dict)

    def read(self, size: str, task: dict[str, Any]) -> int:
        """Reads a log as the page does; returns how many lines came."""
        began = time.perf_counter()
        pieces, first = [], 0.0
        for piece in self.api.stream(log_reading.api_path(task), map_index=task["map_index"]):
            first = first or time.perf_counter() - began
            pieces.append(piece)
        self.seconds.setdefault(size, []).append(time.perf_counter() - began)
        self.first_byte_seconds.setdefault(size, []).append(first)
        return b"".join(pieces).count(b"LINE ")

    def look_at_memory(self, size: str) -> None:
        """Notes the most that any process of it has had so far."""
        self.peak_mb[size] = int(run_in(self.webserver, "sh", "-c", _PEAK)) / 1000

    def figures(self, size: str) -> dict[str, float]:
        """What the report says of it."""
        return {
            "p50_seconds": round(percentile(self.seconds[size], 50), 3),
            "p95_seconds": round(percentile(self.seconds[size], 95), 3),
            "first_byte_p50_seconds": round(percentile(self.first_byte_seconds[size], 50), 3),
            "peak_memory_mb": round(self.peak_mb[size]),
        }


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainLogs]:
    with logging_airflow(tmp_path_factory.mktemp("ca"), LOGGING_DAGS, ["speak"]) as system:
        yield system


@pytest.fixture(scope="module")
def sides(system: PlainLogs) -> Iterator[dict[str, Side]]:
    stock, api = system.airflow.new_webserver("stock", STOCK_LOGGING)
    with closing(api):
        sides = {"ours": Side(system.airflow.webserver, system.airflow.api), "stock": Side(stock, api)}
        task = log_reading.done(system.airflow, "speak", lines=1)
        log_reading.await_object(system.s3, task)
        for size, (byte_count, times) in SIZES.items():
            lines = _store(system, task, byte_count)
            for turn in range(times + 1):
                # In turns, and neither always first, so that whatever else the machine does meets both.
                for name in sorted(sides, reverse=bool(turn % 2)):
                    side = sides[name]
                    assert side.read(size, task) == lines
                    if not turn:  # the first of each is to warm up
                        side.seconds[size].clear()
                        side.first_byte_seconds[size].clear()
            for side in sides.values():
                side.look_at_memory(size)
        yield sides


def _store(system: PlainLogs, task: dict[str, Any], byte_count: int) -> int:
    """Puts a log of about that size in the place of the task's; returns how many lines it has."""
    line = {
        "timestamp": "2026-11-25T03:13:36.004237Z",
        "level": "info",
        "event": "",
        "logger": "task.stdout",
        "filename": "logs.py",
        "lineno": 30,
    }
    width = len(json.dumps({**line, "event": f"LINE {0:07d} {'x' * 60}"})) + 1
    count = max(1, byte_count // width)
    text = "\n".join(json.dumps({**line, "event": f"LINE {n:07d} {'x' * 60}"}) for n in range(count)) + "\n"
    key = f"{PREFIX}/{log_reading.path_of(task)}"
    system.s3.client.put_object(Bucket=BUCKET, Key=key, Body=text.encode())
    return count


def test_the_time_to_show_a_log_and_the_memory_it_takes(
    sides: dict[str, Side], report: dict[str, Any]
) -> None:
    figures = {size: {name: side.figures(size) for name, side in sides.items()} for size in SIZES}
    report["log_retrieval"] = {"reads": {size: times for size, (_, times) in SIZES.items()}, **figures}

    for size, of in figures.items():
        assert of["ours"]["p50_seconds"] < 1.1 * of["stock"]["p50_seconds"], (size, of)
    largest = figures["20 MB"]
    assert largest["ours"]["p50_seconds"] < 0.8 * largest["stock"]["p50_seconds"]
    assert largest["ours"]["first_byte_p50_seconds"] < 1
    assert largest["ours"]["peak_memory_mb"] <= largest["stock"]["peak_memory_mb"]
