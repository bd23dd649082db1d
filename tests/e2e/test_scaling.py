"""Workers follow their queue: from Airflow's tables by CloudWatch and its alarms to ECS."""

from collections.abc import Iterator

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem
from python_terraform import IsFlagged
from waiting import wait_for

pytestmark = pytest.mark.e2e

DAG = "patience"
MOST = 3  # of config/local.toml


@pytest.fixture(scope="module")
def scaled(system: LocalSystem) -> Iterator[LocalSystem]:
    """The system with one worker to begin with, and its autoscaler at work."""
    system.scale("worker", 1)
    system.release("worker")
    try:
        yield system
    finally:
        system.scale("worker", 1)


@pytest.fixture(scope="module")
def waiting_runs(scaled: LocalSystem, airflow: AirflowApi) -> list[str]:
    """Runs that were too many for one worker, after which there are as many as there may be."""
    runs = [airflow.trigger(DAG, seconds=40) for _ in range(8)]
    wait_for(
        f"{MOST} workers run",
        lambda: {key: scaled.service("worker")[key] for key in ("desiredCount", "runningCount")},
        lambda seen: seen["runningCount"] == MOST,
        timeout_seconds=180,
    )
    return runs


def test_workers_come_for_the_tasks_that_wait(airflow: AirflowApi, waiting_runs: list[str]) -> None:
    assert [airflow.wait_for_run(DAG, run)["state"] for run in waiting_runs] == ["success"] * len(
        waiting_runs
    )
    hosts = {task["hostname"] for run in waiting_runs for task in airflow.task_instances(DAG, run)}
    assert len(hosts) > 1, "the workers that came did nothing"


@pytest.mark.usefixtures("waiting_runs")
def test_terraform_leaves_the_number_that_the_autoscaler_chose(scaled: LocalSystem) -> None:
    code, output, errors = scaled.terraform.plan(detailed_exitcode=IsFlagged, refresh=True)

    assert (code, scaled.service("worker")["desiredCount"]) == (0, MOST), output + errors
