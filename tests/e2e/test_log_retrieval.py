"""A task's log is in S3, and the webserver shows it when the worker that wrote it is gone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from airflow_api import AirflowApi
from browser import WAIT_MILLISECONDS, airflow_page
from e2e_report import timeline
from faults import fault
from local_system import LocalSystem
from playwright.sync_api import Page, expect
from project import E2E_REPORT
from run_watch import RunWatch
from waiting import wait_for

pytestmark = pytest.mark.e2e

READABLE_SECONDS = 5
"""After its task's end, a log has to be readable."""


@dataclass(frozen=True)
class WrittenLog:
    """A log whose worker is gone: the task that wrote it, a line of it, and how its run went."""

    task: dict[str, Any]
    line: str
    timeline: timeline.Timeline


def last_line(task: dict[str, Any]) -> str:
    """What the last line of a smoke task's log says."""
    said = {
        "start": "started on",
        "piece": f"piece {task['map_index']} done on",
        "defer": "resumed by",
        "finish": "finished",
    }
    return f"SMOKE {said[task['task_id']]}"


@pytest.fixture(scope="module")
def written_log(system: LocalSystem, airflow: AirflowApi) -> Iterator[WrittenLog]:
    """Runs the smoke DAG, then removes the workers that ran it."""
    before = system.service("worker")["desiredCount"]
    run, watched = RunWatch(system, airflow, last_line).run("smoke")
    watched.write(E2E_REPORT / timeline.FILE)
    assert run["state"] == "success"
    instances = airflow.task_instances("smoke", run["dag_run_id"])
    task = next(task for task in instances if task["task_id"] == "piece")
    workers = [container.id for container in system.containers(kind="ecs-container", container="worker")]
    try:
        system.scale("worker", 0)
        wait_for(
            "the workers' containers are removed",
            lambda: [
                container.id
                for container in system.containers(kind="ecs-container", container="worker")
                if container.id in workers
            ],
            lambda left: not left,
            timeout_seconds=180,
        )
        yield WrittenLog(task, last_line(task), watched)
    finally:
        system.scale("worker", before)


def stored_later(system: LocalSystem, key: str) -> str:
    """Waits until there is one object whose key begins so, and returns it."""
    s3, bucket = system.aws("s3"), system.outputs["log_bucket_name"]
    wait_for(
        f"{key} is in S3",
        lambda: [item["Key"] for item in s3.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents", [])],
        lambda keys: keys == [key],
        timeout_seconds=60,
    )
    text: str = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text


def test_the_log_is_an_object_in_the_bucket(system: LocalSystem, written_log: WrittenLog) -> None:
    s3 = system.aws("s3")

    stored = s3.get_object(Bucket=system.outputs["log_bucket_name"], Key=system.log_key(written_log.task))

    assert written_log.line in stored["Body"].read().decode()


def test_the_rest_api_returns_the_log_of_a_worker_that_is_gone(
    airflow: AirflowApi, written_log: WrittenLog
) -> None:
    assert written_log.line in airflow.log_text(written_log.task)


def test_a_log_can_be_read_within_seconds_of_its_task_s_end(written_log: WrittenLog) -> None:
    late = {
        task.name: (task.ended, task.in_s3, task.readable)
        for task in written_log.timeline.tasks
        if task.readable is None or task.ended is None or task.readable - task.ended > READABLE_SECONDS
    }

    assert late == {}


def test_the_page_in_the_browser_shows_the_log_of_a_worker_that_is_gone(
    system: LocalSystem, written_log: WrittenLog, take_picture: Callable[[Page, str], None]
) -> None:
    task = written_log.task
    with airflow_page(system) as page:
        page.goto(
            f"{system.outputs['webserver_url']}/dags/{task['dag_id']}"
            f"/runs/{quote(task['dag_run_id'], safe='')}/tasks/{task['task_id']}/mapped/{task['map_index']}"
        )
        try:
            expect(page.get_by_text(written_log.line).first).to_be_visible(timeout=WAIT_MILLISECONDS)
        finally:
            take_picture(page, "log")


def test_a_log_that_the_bucket_keeps_no_longer_is_said_to_have_expired(
    system: LocalSystem, airflow: AirflowApi, written_log: WrittenLog
) -> None:
    (task,) = (
        task
        for task in airflow.task_instances("smoke", written_log.task["dag_run_id"])
        if task["task_id"] == "finish"
    )
    bucket = system.outputs["log_bucket_name"]
    (days,) = (
        rule["Expiration"]["Days"]
        for rule in system.aws("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        if rule["Filter"].get("Prefix", "").rstrip("/") == system.outputs["log_prefix"]
    )
    system.aws("s3").delete_object(Bucket=bucket, Key=system.log_key(task))
    system.psql(
        f"UPDATE task_instance SET end_date = end_date - interval '{days} days' WHERE id = '{task['id']}'"  # noqa: S608
    )

    assert f"This log has expired: logs are kept for {days} days" in airflow.log_text(task)


def test_the_log_of_a_running_task_comes_from_its_worker(system: LocalSystem, airflow: AirflowApi) -> None:
    system.scale("worker", 1)
    run_id = airflow.trigger("smoke")

    def running_logs() -> list[str]:
        return [
            airflow.log_text(task)
            for task in airflow.task_instances("smoke", run_id)
            if task["state"] == "running" and task["task_id"] == "piece"
        ]

    wait_for(
        "the log of a task that still runs",
        running_logs,
        lambda logs: any("begins on" in log and "done on" not in log for log in logs),
        timeout_seconds=120,
        interval_seconds=0.5,
    )
    airflow.wait_for_run("smoke", run_id)


def test_s3_that_is_away_at_a_task_s_end_costs_neither_the_task_nor_its_log(
    system: LocalSystem, airflow: AirflowApi
) -> None:
    system.scale("worker", 1)
    run_id = airflow.trigger("smoke")

    def pieces(state: str) -> dict[int, dict[str, Any]]:
        return {
            task["map_index"]: task
            for task in airflow.task_instances("smoke", run_id)
            if (task["task_id"], task["state"]) == ("piece", state)
        }

    running = wait_for(
        "pieces run", lambda: pieces("running"), bool, timeout_seconds=120, interval_seconds=0.5
    )
    with fault("s3", error="ServiceUnavailable", status=503, message="away for a while"):
        wait_for(
            "they have ended",
            lambda: pieces("success").keys(),
            lambda ended: ended >= running.keys(),
            timeout_seconds=60,
        )
        shown = {number: airflow.log_text(task) for number, task in running.items()}
    stored = {number: stored_later(system, system.log_key(task)) for number, task in running.items()}

    for number in running:
        assert "S3 does not answer" in shown[number]
        assert f"SMOKE piece {number} done on" in shown[number]
        assert stored[number].count(f"SMOKE piece {number} done on") == 1
    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"
