"""The pages that people look at, in a real browser."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from airflow_api import AirflowApi
from browser import WAIT_MILLISECONDS, airflow_page, browser_page
from container_programs import run_in
from local_system import LocalSystem
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e


def test_the_grid_shows_each_task_of_a_run(
    system: LocalSystem, airflow: AirflowApi, take_picture: Callable[[Page, str], None]
) -> None:
    run = airflow.runs("smoke", state="success")[0]
    tasks = {task["task_id"] for task in airflow.task_instances("smoke", run["dag_run_id"])}

    with airflow_page(system) as page:
        page.goto(f"{system.outputs['webserver_url']}/dags/smoke/runs/{quote(run['dag_run_id'], safe='')}")
        try:
            for task in sorted(tasks):
                square = page.get_by_test_id(f"grid-{run['dag_run_id']}-{task}")
                expect(square).to_be_visible(timeout=WAIT_MILLISECONDS)
                expect(page.get_by_test_id(f"task-{task}")).to_contain_text(task)
            expect(page.get_by_test_id("header-card")).to_contain_text("Success")
        finally:
            take_picture(page, "grid")


def test_flower_shows_the_worker_that_runs(
    system: LocalSystem, take_picture: Callable[[Page, str], None]
) -> None:
    system.scale("worker", 1)
    (host,) = run_in(system.container("worker"), "hostname").split()
    login = system.secret("flower_secret_arn")

    with browser_page(credentials={"username": login["username"], "password": login["password"]}) as page:
        page.goto(f"{system.outputs['flower_url'].rstrip('/')}/workers")
        row = page.get_by_role("row").filter(has_text=host)
        try:
            expect(row).to_contain_text("Online", timeout=WAIT_MILLISECONDS)
        finally:
            take_picture(page, "flower")
