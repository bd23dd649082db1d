"""A task's log is in S3, and the webserver shows it when the worker that wrote it is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from airflow_api import AirflowApi
from faults import fault
from local_system import LocalSystem
from playwright.sync_api import expect, sync_playwright
from project import REPORTS
from waiting import wait_for

from kf_airflow_local.chromium import chromium_executable

pytestmark = pytest.mark.e2e

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class WrittenLog:
    """A log whose worker is gone: the task that wrote it, and a line of it."""

    task: dict[str, Any]
    line: str


@pytest.fixture(scope="module")
def written_log(system: LocalSystem, airflow: AirflowApi) -> Iterator[WrittenLog]:
    """Runs the smoke DAG, then removes the workers that ran it."""
    before = system.service("worker")["desiredCount"]
    run_id = airflow.trigger("smoke")
    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"
    task = next(task for task in airflow.task_instances("smoke", run_id) if task["task_id"] == "piece")
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
        yield WrittenLog(task, f"SMOKE piece {task['map_index']} done on")
    finally:
        system.scale("worker", before)


def key_of(system: LocalSystem, task: dict[str, Any]) -> str:
    """The key under which Airflow stores a mapped task's first log."""
    return (
        f"{system.outputs['log_prefix']}/dag_id={task['dag_id']}/run_id={task['dag_run_id']}"
        f"/task_id={task['task_id']}/map_index={task['map_index']}/attempt=1.log"
    )


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

    stored = s3.get_object(Bucket=system.outputs["log_bucket_name"], Key=key_of(system, written_log.task))

    assert written_log.line in stored["Body"].read().decode()


def test_the_rest_api_returns_the_log_of_a_worker_that_is_gone(
    airflow: AirflowApi, written_log: WrittenLog
) -> None:
    assert written_log.line in airflow.log_text(written_log.task)


def test_the_page_in_the_browser_shows_the_log_of_a_worker_that_is_gone(
    system: LocalSystem, written_log: WrittenLog
) -> None:
    admin = system.secret("admin_secret_arn")
    task = written_log.task
    page_of_the_task = (
        f"{system.outputs['webserver_url']}/dags/{task['dag_id']}/runs/{quote(task['dag_run_id'], safe='')}"
        f"/tasks/{task['task_id']}/mapped/{task['map_index']}"
    )
    screenshot = REPORTS / "log-in-the-browser.png"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_executable(), args=CHROMIUM_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_navigation_timeout(90_000)
        page.goto(f"{system.outputs['webserver_url']}/auth/login/")
        page.fill("input[name=username]", admin["username"])
        page.fill("input[name=password]", admin["password"])
        page.click("input[type=submit], button[type=submit]")
        page.wait_for_url(lambda url: "/auth/login" not in url, timeout=60_000)
        page.goto(page_of_the_task)
        try:
            expect(page.get_by_text(written_log.line).first).to_be_visible(timeout=90_000)
        finally:
            REPORTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=screenshot)
            browser.close()


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
    with fault("s3", error="ServiceUnavailable", status=503, message="away for a while"):
        run_id = airflow.trigger("smoke")
        assert airflow.wait_for_run("smoke", run_id)["state"] == "success"
        tasks = airflow.task_instances("smoke", run_id)
        pieces = [task for task in tasks if task["task_id"] == "piece"]
        shown = {task["map_index"]: airflow.log_text(task) for task in pieces}
    for task in pieces:
        assert f"SMOKE piece {task['map_index']} done on" in shown[task["map_index"]]
        assert "S3 does not answer" in shown[task["map_index"]]

    for task in pieces:
        assert (
            stored_later(system, key_of(system, task)).count(f"SMOKE piece {task['map_index']} done on") == 1
        )
