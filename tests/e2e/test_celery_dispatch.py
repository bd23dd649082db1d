"""Tasks travel from the scheduler through Redis to workers, and their results to PostgreSQL."""

import json

import pytest
import requests
from airflow_api import AirflowApi
from container_programs import run_in
from local_system import LocalSystem
from waiting import wait_for

pytestmark = pytest.mark.e2e

QUEUE = "default"


def test_without_a_worker_the_message_waits_on_the_real_redis(
    no_worker: LocalSystem, airflow: AirflowApi
) -> None:
    run_id = airflow.trigger("smoke")

    wait_for(
        f"a message on the Redis list {QUEUE!r}",
        lambda: int(no_worker.redis("LLEN", QUEUE)[0]),
        lambda length: length > 0,
        timeout_seconds=120,
    )
    messages = [json.loads(line) for line in no_worker.redis("LRANGE", QUEUE, "0", "-1")]

    assert any(run_id in message["headers"]["argsrepr"] for message in messages), messages
    assert {task["state"] for task in airflow.task_instances("smoke", run_id)} <= {
        None,
        "queued",
        "scheduled",
    }

    no_worker.scale("worker", 1)
    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"


def test_two_workers_share_the_tasks_and_leave_their_results_in_postgresql(
    two_workers: LocalSystem, airflow: AirflowApi
) -> None:
    workers = {two_workers.task_address(task) for task in two_workers.tasks("worker")}
    airflow_task = {two_workers.task_address(task) for task in two_workers.tasks("airflow")}
    run_id = airflow.trigger("smoke")

    assert airflow.wait_for_run("smoke", run_id)["state"] == "success"

    instances = airflow.task_instances("smoke", run_id)
    assert {task["hostname"] for task in instances} == workers
    assert workers.isdisjoint(airflow_task)
    results = (
        "SELECT r.status FROM celery_taskmeta r JOIN task_instance t ON t.external_executor_id = r.task_id "  # noqa: S608 - the run id comes from Airflow
        f"WHERE t.run_id = '{run_id}'"
    )
    # Airflow knows of a success a moment before Celery has written its own record of it.
    wait_for(
        "a result of Celery's in PostgreSQL for every task",
        lambda: two_workers.psql(results),
        lambda found: found == ["SUCCESS"] * len(instances),
        timeout_seconds=30,
    )


def test_flower_lists_the_workers_and_the_tasks(two_workers: LocalSystem, airflow: AirflowApi) -> None:
    flower = two_workers.secret("flower_secret_arn")
    url = two_workers.outputs["flower_url"].rstrip("/")
    session = requests.Session()
    session.auth = (flower["username"], flower["password"])

    # Flower goes on listing workers that are gone, so that a mere number says nothing.
    hosts = [
        run_in(container, "hostname").strip()
        for container in two_workers.containers(kind="ecs-container", container="worker")
        if container.status == "running"
    ]
    workers = wait_for(
        f"the workers on {hosts} in Flower's API",
        lambda: {
            name
            for name, worker in session.get(f"{url}/api/workers", params={"refresh": "1"}, timeout=30)
            .json()
            .items()
            if worker.get("active_queues")
        },
        lambda workers: {f"celery@{host}" for host in hosts} <= workers,
        timeout_seconds=90,
    )
    run_id = airflow.trigger("smoke")
    airflow.wait_for_run("smoke", run_id)

    def tasks_of_the_run() -> list[dict[str, str]]:
        found = session.get(f"{url}/api/tasks", params={"state": "SUCCESS"}, timeout=30).json()
        return [task for task in found.values() if run_id in str(task["args"])]

    tasks = wait_for(
        "every task of the run in Flower's API",
        tasks_of_the_run,
        lambda tasks: len(tasks) >= len(airflow.task_instances("smoke", run_id)),
        timeout_seconds=60,
    )

    assert {task["name"] for task in tasks} == {"execute_workload"}
    assert {task["worker"] for task in tasks} <= workers


def test_flower_refuses_who_has_no_password(system: LocalSystem) -> None:
    answer = requests.get(f"{system.outputs['flower_url'].rstrip('/')}/api/workers", timeout=10)

    assert answer.status_code == 401
