"""Writes docs/chaos.md from build/reports/chaos.json: what became of the tasks under each fault."""

import json
from collections.abc import Mapping
from typing import Any

from project import REPORTS, ROOT

PAGE = ROOT / "docs/chaos.md"
REPORT = REPORTS / "chaos.json"

_HEAD = """# What became of the tasks

`nox -s chaos` takes away one part after the other while a load of tasks runs. Each task writes down in a
database of its own, outside Airflow, when it ran and how it ended. A task is *lost* if it did not end as it
had to, or if Airflow calls it a success that never was; *repeated* if it ran to its success twice; *stuck* if
it did not end at all. All three have to be 0. Every 20th task fails at its first try and every 50th for good,
as they are told to.

- *Cut off*: tries that the fault ended half way. *Run again*: the longest time until such a task ran again. A
  worker that dies without a word is found by the heartbeats of its tasks, after {heartbeat_seconds} s here
  (300 s unless told otherwise).
- *Recovered*: the time until as many tasks, begun after the fault, had succeeded as run at once.
- *Longest gap*: the longest time after the fault in which no task ended. A message that Redis loses is sent
  again after {queued_seconds} s, and its task may be the last one by then
  ([settings](../docker/README.md#limits)).

The times are those of a machine with 2 cores and other work to do; the counts are what has to hold.

| Fault | Tasks | Lost | Repeated | Stuck | Cut off | Run again | Recovered | Longest gap | Of |
|---|---|---|---|---|---|---|---|---|---|
"""

HEARTBEAT_SECONDS = 60  # of `nox -s chaos`
QUEUED_SECONDS = 600  # of Airflow, which `nox -s chaos` leaves


def page(report: Mapping[str, Mapping[str, Any]]) -> str:
    """Returns the page."""
    rows = [_row(fault, verdict) for fault, verdict in sorted(report.items())]
    head = _HEAD.format(heartbeat_seconds=HEARTBEAT_SECONDS, queued_seconds=QUEUED_SECONDS)
    return head + "\n".join(rows) + "\n"


def _row(fault: str, verdict: Mapping[str, Any]) -> str:
    counts = [verdict["tasks"], *(len(verdict[name]) for name in ("lost", "repeated", "stuck"))]
    seconds = [verdict[name] for name in ("rerun_seconds", "recovered_seconds", "longest_gap_seconds")]
    cells = [
        fault,
        *map(str, counts),
        str(verdict["cut_off"]),
        *("-" if value is None else f"{value:.0f} s" for value in seconds),
        f"{verdict['measured_at'][:10]}, {verdict['commit']}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(json.loads(REPORT.read_text())))
