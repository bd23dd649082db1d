"""Throughput and latency of short tasks: the library's settings against Airflow's defaults, same image."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import pytest
import short_tasks
import throughput_plots
from plain_airflow import CONCURRENCY, PlainAirflow
from plain_containers import PlainContainers
from plain_stores import PlainStores
from project import REPORTS, ROOT
from short_tasks import Round, percentile
from stock_airflow import StockAirflow

from kf_airflow_local import engine, images

TASKS = 200
WARM_UP = 3 * CONCURRENCY
# In turns, and neither always first, so that whatever else the machine does meets both.
TURNS = ("ours", "stock", "stock", "ours")
# What each container may use of the processors, the same for both.
CPUS = {"worker": 1.0, "webserver": 1.0, "scheduler": 1.0, "dag-processor": 0.5}


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Round]]:
    ran: dict[str, list[Round]] = {name: [] for name in sorted(set(TURNS))}
    with ExitStack() as stack:
        client = stack.enter_context(closing(engine.client()))
        references = images.ensure(client, ROOT, print)
        sides = {
            name: stack.enter_context(_side(kind, client, references, tmp_path_factory.mktemp(name)))
            for name, kind in (("ours", PlainAirflow), ("stock", StockAirflow))
        }
        for name in TURNS:
            containers, airflow = sides[name]
            with containers.awake():
                ran[name].append(short_tasks.run(airflow, TASKS, timeout_seconds=600))
    return ran


@contextmanager
def _side(
    kind: type[PlainAirflow], client: docker.DockerClient, references: images.Images, authority: Path
) -> Iterator[tuple[PlainContainers, PlainAirflow]]:
    """One of the two, warmed up: a process that has run a task before is not what differs. Then it sleeps."""
    containers = PlainContainers(client)
    try:
        stores = PlainStores(containers, references[images.BACKING], authority)
        dags = Path(__file__).parent / "dags" / "short.py"
        image = references[images.AIRFLOW]
        changes = {"AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": None}
        with closing(
            kind(containers, stores, image, dags, changes, awaited=[short_tasks.DAG], cpus=CPUS)
        ) as airflow:
            short_tasks.run(airflow, WARM_UP, timeout_seconds=300)
            containers.pause()
            yield containers, airflow
    except AssertionError as error:
        error.add_note(containers.last_words())
        raise
    finally:
        containers.close()


def test_throughput_and_latency_of_short_tasks(
    rounds: dict[str, list[Round]], report: dict[str, Any]
) -> None:
    throughput_plots.draw(rounds, REPORTS)
    ours, stock = figures_of(rounds["ours"]), figures_of(rounds["stock"])
    report["throughput"] = {
        "tasks": TASKS,
        "turns": list(TURNS),
        "tasks_per_minute_of_each_turn": {
            name: [round(one.tasks_per_minute, 1) for one in ran] for name, ran in rounds.items()
        },
        "worker_concurrency": CONCURRENCY,
        "cpus": CPUS,
        "ours": ours,
        "stock": stock,
        "times_stock": {name: round(value / stock[name], 2) for name, value in ours.items()},
        "aim_times_stock_tasks_per_minute": 1.3,
        "aim_times_stock_due_to_start_p95_seconds": 1.0,
    }


def figures_of(rounds: list[Round]) -> dict[str, float]:
    """Returns the means over the rounds of one side."""

    def mean(values: Iterator[float]) -> float:
        return round(statistics.fmean(values), 2)

    return {
        "tasks_per_minute": mean(one.tasks_per_minute for one in rounds),
        "cpu_ms_a_task": mean(1000 * sum(one.cpu.values()) / TASKS for one in rounds),
        **{
            f"{name}_p{percent}_seconds": mean(percentile(getattr(one, of), percent) for one in rounds)
            for name, of in (("due_to_start", "started"), ("message_to_start", "queued"))
            for percent in (50, 95)
        },
    }
