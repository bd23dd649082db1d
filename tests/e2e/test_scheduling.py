"""Airflow schedules: of its own accord, and when asked through the load balancer."""

import pytest
import requests
from airflow_api import AirflowApi
from local_system import LocalSystem
from waiting import wait_for

pytestmark = pytest.mark.e2e


def test_a_dag_with_a_schedule_gets_a_run_of_its_own_accord_and_succeeds(airflow: AirflowApi) -> None:
    runs = wait_for(
        "a scheduled run of heartbeat that succeeded",
        lambda: [(run["run_type"], run["triggered_by"], run["state"]) for run in airflow.runs("heartbeat")],
        lambda runs: ("scheduled", "timetable", "success") in runs,
        timeout_seconds=240,
        interval_seconds=2,
    )

    assert ("manual", "rest_api", "success") not in runs


def test_a_manual_trigger_through_the_load_balancer_succeeds(airflow: AirflowApi) -> None:
    run_id = airflow.trigger("smoke")

    run = airflow.wait_for_run("smoke", run_id)

    assert (run["state"], run["run_type"], run["triggered_by"]) == ("success", "manual", "rest_api")


def test_every_process_of_airflow_reports_itself_healthy(system: LocalSystem) -> None:
    url = f"{system.outputs['webserver_url']}/api/v2/monitor/health"

    health = wait_for(
        "health of every process",
        lambda: {name: part["status"] for name, part in requests.get(url, timeout=10).json().items() if part},
        lambda health: set(health.values()) == {"healthy"},
        timeout_seconds=120,
    )

    assert set(health) == {"metadatabase", "scheduler", "triggerer", "dag_processor"}


def test_a_request_without_a_token_is_refused(system: LocalSystem) -> None:
    answer = requests.get(f"{system.outputs['webserver_url']}/api/v2/dags", timeout=10)

    assert answer.status_code == 401


def test_the_execution_api_is_closed_at_the_load_balancer(system: LocalSystem) -> None:
    answer = requests.get(f"{system.outputs['webserver_url']}/execution/health", timeout=10)

    assert answer.status_code == 403


def test_a_deferred_task_comes_back_from_the_triggerer(airflow: AirflowApi) -> None:
    run_id = airflow.trigger("smoke")
    airflow.wait_for_run("smoke", run_id)

    deferred = next(task for task in airflow.task_instances("smoke", run_id) if task["task_id"] == "defer")

    assert deferred["state"] == "success"
    # The log follows the state: its second part is uploaded when the task has already reported its success.
    wait_for(
        "the worker's part of the log",
        lambda: airflow.log_text(deferred),
        lambda text: "SMOKE resumed by the triggerer" in text,
        timeout_seconds=30,
    )
