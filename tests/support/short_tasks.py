"""How fast an Airflow gets through short tasks, and what each of its containers spends on them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docker.models.containers import Container
from plain_airflow import PlainAirflow

DAG = "short"


@dataclass(frozen=True)
class Round:
    """One run of short tasks.

    Attributes:
        started: When each task started, in seconds since they were all due, in that order.
        queued: For each task, how many seconds lie between its message and its start.
        seconds: From the first start to the last end.
        cpu: CPU seconds that each component spent in the round.
    """

    started: tuple[float, ...]
    queued: tuple[float, ...]
    seconds: float
    cpu: dict[str, float]

    @property
    def tasks_per_minute(self) -> float:
        """Throughput."""
        return 60 * len(self.started) / self.seconds


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def run(airflow: PlainAirflow, tasks: int, *, timeout_seconds: float) -> Round:
    """Runs tasks that are due at once, and waits until all have succeeded."""
    containers = {
        "worker": airflow.worker,
        "webserver": airflow.webserver,
        "scheduler": airflow.scheduler,
        "dag-processor": airflow.dag_processor,
        "postgres": airflow.stores.postgres,
        "redis": airflow.stores.redis,
    }
    before = {name: cpu_seconds(container) for name, container in containers.items()}
    run_id = airflow.api.trigger(DAG, tasks=tasks)
    finished = airflow.api.wait_for_run(DAG, run_id, timeout_seconds=timeout_seconds)
    assert finished["state"] == "success", finished
    spent = {name: cpu_seconds(container) - before[name] for name, container in containers.items()}

    ran = [task for task in airflow.api.task_instances(DAG, run_id) if task["task_id"] == "work"]
    assert len(ran) == tasks, f"{len(ran)} tasks ran, not {tasks}"
    begun, ended, queued, due = (
        [_seconds(task[of]) for task in ran]
        for of in ("start_date", "end_date", "queued_when", "scheduled_when")
    )
    return Round(
        started=tuple(sorted(start - min(due) for start in begun)),
        queued=tuple(start - sent for start, sent in zip(begun, queued, strict=True)),
        seconds=max(ended) - min(begun),
        cpu=spent,
    )


def cpu_seconds(container: Container) -> float:
    """CPU time of a container so far."""
    stats: Any = container.stats(stream=False, one_shot=True)
    return float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
