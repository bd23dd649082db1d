"""What `metrics` says of a real Airflow: alarms go by it. And what a worker's log says of its tasks."""

import json
from collections.abc import Iterator
from typing import Any

import own_events
import pytest
from container_programs import exec_in
from docker.models.containers import Container
from plain_airflow import PlainAirflow
from waiting import wait_for

ASK = "from urllib.request import urlopen; print(urlopen('http://127.0.0.1:8796/metrics').read().decode())"
HEARTBEATS = ("SchedulerHeartbeatSeconds", "DagProcessorHeartbeatSeconds")


@pytest.fixture(scope="module")
def metrics(airflow: PlainAirflow) -> Iterator[Container]:
    made = airflow.new_metrics()
    yield made
    airflow.kill(made)


def found(metrics: Container) -> dict[str, float]:
    """The values of the last cycle."""
    code, output = exec_in(metrics, "python3", "-c", ASK)
    if code:
        # As a wait takes it: looked at again.
        raise OSError(output.decode()[-500:])
    document: dict[str, Any] = json.loads(output)
    return {name: value for one in document["metrics"] for name, value in one["values"].items()}


def test_the_processes_that_run_have_heartbeats(metrics: Container) -> None:
    seen = wait_for(
        "heartbeats", lambda: found(metrics), lambda seen: set(HEARTBEATS) <= set(seen), timeout_seconds=60
    )

    assert all(seen[name] < 30 for name in HEARTBEATS)
    # No triggerer runs here.
    assert "TriggererHeartbeatSeconds" not in seen
    assert seen["ImportErrors"] == 0


def test_a_scheduler_that_hangs_is_seen_by_the_age_of_its_heartbeat(
    airflow: PlainAirflow, metrics: Container
) -> None:
    airflow.scheduler.pause()
    try:
        seen = wait_for(
            "an old heartbeat",
            lambda: found(metrics),
            lambda seen: seen["SchedulerHeartbeatSeconds"] > 40,
            timeout_seconds=90,
        )
    finally:
        airflow.scheduler.unpause()

    assert seen["DagProcessorHeartbeatSeconds"] < 40
    wait_for(
        "a new heartbeat",
        lambda: found(metrics),
        lambda seen: seen["SchedulerHeartbeatSeconds"] < 20,
        timeout_seconds=90,
    )


def test_a_task_that_nobody_takes_is_stuck_once_it_was_sent_again(
    waiting_run: str, metrics: Container
) -> None:
    wait_for(
        "a stuck task", lambda: found(metrics), lambda seen: seen["StuckTasks"] >= 1, timeout_seconds=120
    )


def test_a_worker_says_which_task_it_begins_and_ends(airflow: PlainAirflow) -> None:
    run = airflow.api.trigger("one")
    airflow.wait_for_states("one", run, "success", seconds=120)

    def events() -> list[dict[str, Any]]:
        told = own_events.events(airflow.worker.logs().decode())
        return [one for one in told if one.get("run_id") == run]

    told = wait_for(
        "both events",
        events,
        lambda seen: {"task-began", "task-ended"} <= {one["event"] for one in seen},
        timeout_seconds=30,
    )
    assert {(one["process"], one["dag_id"], one["try_number"]) for one in told} == {("worker", "one", 1)}
