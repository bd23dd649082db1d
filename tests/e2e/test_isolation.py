"""What tasks, which run the code of DAG authors, cannot do."""

import re

import pytest
import requests
from airflow_api import AirflowApi
from container_programs import exec_in
from local_system import LocalSystem

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def logs(airflow: AirflowApi) -> dict[str, str]:
    """The logs of a run of the DAG that tries, by task; the run has to succeed, as every way is closed."""
    run = airflow.wait_for_run("isolation", airflow.trigger("isolation"))
    tasks = airflow.task_instances("isolation", run["dag_run_id"])
    logs = {task["task_id"]: airflow.log_text(task) for task in tasks if task["try_number"]}
    assert run["state"] == "success", logs
    return logs


@pytest.mark.parametrize("table", ["connection", "variable", "dag_run", "ab_user", "session", "pg_authid"])
def test_a_dag_cannot_read_a_table_of_the_metadata_database(logs: dict[str, str], table: str) -> None:
    assert (
        f"ISOLATION refused: SELECT * FROM {table} LIMIT 1: permission denied for table {table}"  # noqa: S608
        in logs["read_tables"]
    )


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE public.trespass (id int)", "SET ROLE airflow_metadata", "SET ROLE airflow"]
)
def test_a_dag_cannot_become_somebody_else_nor_make_tables(logs: dict[str, str], statement: str) -> None:
    assert f"ISOLATION refused: {statement}: permission denied" in logs["read_tables"]


def test_a_dag_cannot_use_airflow_s_session(logs: dict[str, str]) -> None:
    assert "ISOLATION refused: " in logs["read_by_airflow"]


def test_a_dag_sees_neither_the_fernet_key_nor_the_jwt_secret(logs: dict[str, str]) -> None:
    assert "ISOLATION none of AIRFLOW__CORE__FERNET_KEY" in logs["look_for_secrets"]


@pytest.mark.parametrize("user", [1, 10])
def test_a_dag_cannot_log_in_by_a_cookie_that_it_signs(logs: dict[str, str], user: int) -> None:
    assert f"ISOLATION refused: a login as user {user}" in logs["forge_logins"].splitlines()


def test_whoever_logs_in_gets_a_token_where_a_dag_gets_none(system: LocalSystem) -> None:
    # Else that a DAG gets none would prove nothing.
    url, admin = system.outputs["webserver_url"].rstrip("/"), system.secret("admin_secret_arn")
    with requests.Session() as session:
        page = session.get(f"{url}/auth/login/", timeout=30).text
        form = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert form is not None, page
        login = {"username": admin["username"], "password": admin["password"], "csrf_token": form[1]}
        session.post(f"{url}/auth/login/", data=login, allow_redirects=False, timeout=30).raise_for_status()
        answer = session.get(f"{url}/auth/", allow_redirects=False, timeout=30)

    assert answer.status_code == 302
    assert "_token" in answer.cookies


@pytest.mark.parametrize("component", ["webserver", "scheduler", "worker", "flower"])
def test_a_container_cannot_write_to_its_own_code(system: LocalSystem, component: str) -> None:
    code, output = exec_in(system.container(component), "touch", "/opt/airflow/dags/new.py", user="0")

    assert code != 0
    assert b"Read-only file system" in output
