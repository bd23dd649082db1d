"""A busy worker that loses its connection to Redis goes on with its tasks, and begins others."""

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem
from waiting import wait_for

pytestmark = pytest.mark.e2e

DAG = "patience"


def state_of(airflow: AirflowApi, run_id: str) -> str | None:
    """The state of the run's task."""
    (found,) = airflow.task_instances(DAG, run_id)
    state: str | None = found["state"]
    return state


def test_when_its_connections_break_a_busy_worker_begins_new_tasks_and_repeats_none(
    system: LocalSystem, airflow: AirflowApi
) -> None:
    long = airflow.trigger(DAG, seconds=75)
    wait_for(
        "the long task runs",
        lambda: state_of(airflow, long),
        lambda state: state == "running",
        timeout_seconds=90,
    )

    assert int(system.redis("CLIENT", "KILL", "TYPE", "normal")[0]) > 0
    short = airflow.trigger(DAG, seconds=1)

    assert airflow.wait_for_run(DAG, short, timeout_seconds=60)["state"] == "success"
    assert state_of(airflow, long) == "running", "the short task waited for the long one"
    assert airflow.wait_for_run(DAG, long)["state"] == "success"
    assert [task["try_number"] for task in airflow.task_instances(DAG, long)] == [1]
    # The scheduled DAG's messages come and go; that of the long task was acknowledged on the new connection.
    wait_for(
        "no message unacknowledged",
        lambda: int(system.redis("HLEN", "unacked")[0]),
        lambda count: count == 0,
        timeout_seconds=30,
    )
