"""Workers follow their queue: from Airflow's tables by CloudWatch and its alarms to ECS."""

from collections.abc import Iterator

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem
from waiting import wait_for

pytestmark = pytest.mark.e2e

DAG = "patience"
MOST = 3  # of config/local.toml


@pytest.fixture
def scaled(system: LocalSystem) -> Iterator[LocalSystem]:
    """The system with one worker to begin with, and its autoscaler at work."""
    system.scale("worker", 1)
    system.release("worker")
    try:
        yield system
    finally:
        system.scale("worker", 1)


def test_workers_come_for_the_tasks_that_wait(scaled: LocalSystem, airflow: AirflowApi) -> None:
    runs = [airflow.trigger(DAG, seconds=40) for _ in range(8)]

    wait_for(
        f"{MOST} workers run",
        lambda: {key: scaled.service("worker")[key] for key in ("desiredCount", "runningCount")},
        lambda seen: seen["runningCount"] == MOST,
        timeout_seconds=180,
    )

    assert [airflow.wait_for_run(DAG, run)["state"] for run in runs] == ["success"] * len(runs)
    hosts = {task["hostname"] for run in runs for task in airflow.task_instances(DAG, run)}
    assert len(hosts) > 1, "the workers that came did nothing"
