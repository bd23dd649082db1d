"""How the tests of logs read them: as the page does, and as a reader who follows a running task."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from airflow_api import AirflowApi
from container_programs import exec_in
from plain_airflow import PlainAirflow
from plain_s3 import PREFIX, PlainS3
from waiting import wait_for

LOGS = "/opt/airflow/logs"


def task_of(airflow: PlainAirflow, dag: str, run: str) -> dict[str, Any]:
    """The only task of a run."""
    (task,) = airflow.api.task_instances(dag, run)
    return task


def begun(airflow: PlainAirflow, dag: str, **conf: Any) -> dict[str, Any]:
    """Starts a run and waits until its task runs."""
    run = airflow.api.trigger(dag, **conf)
    return wait_for(
        f"the task of {dag} runs",
        lambda: task_of(airflow, dag, run),
        lambda task: task["state"] == "running",
        timeout_seconds=60,
        interval_seconds=0.2,
    )


def done(airflow: PlainAirflow, dag: str, **conf: Any) -> dict[str, Any]:
    """Runs the only task of a DAG to its success."""
    run = airflow.api.trigger(dag, **conf)
    assert airflow.api.wait_for_run(dag, run)["state"] == "success"
    return task_of(airflow, dag, run)


def path_of(task: dict[str, Any], try_number: int = 1) -> str:
    """Where a log is, below the folder of logs and below the prefix of the bucket."""
    mapped = f"/map_index={task['map_index']}" if task["map_index"] >= 0 else ""
    return (
        f"dag_id={task['dag_id']}/run_id={task['dag_run_id']}/task_id={task['task_id']}{mapped}"
        f"/attempt={try_number}.log"
    )


def api_path(task: dict[str, Any], try_number: int = 1) -> str:
    """Where the API has it."""
    return (
        f"dags/{task['dag_id']}/dagRuns/{quote(task['dag_run_id'], safe='')}"
        f"/taskInstances/{task['task_id']}/logs/{try_number}"
    )


def await_object(s3: PlainS3, task: dict[str, Any], seconds: float = 30) -> bytes:
    """Waits until S3 has the log of a first try, and returns it."""
    key = f"{PREFIX}/{path_of(task)}"
    found = wait_for(
        f"{key} is in S3",
        lambda: s3.objects(key),
        bool,
        timeout_seconds=seconds,
        interval_seconds=0.2,
    )
    assert list(found) == [key]
    return found[key]


def written(airflow: PlainAirflow, task: dict[str, Any]) -> bytes:
    """What the worker has on its disk."""
    code, content = exec_in(airflow.worker, "cat", f"{LOGS}/{path_of(task)}")
    assert code == 0, content
    return content


def follow(api: AirflowApi, task: dict[str, Any]) -> Iterator[list[str]]:
    """Reads on and on from where the last answer ended, as long as Airflow says that there is more."""
    token = None
    while True:
        answer = api.get(api_path(task), map_index=task["map_index"], **({"token": token} if token else {}))
        yield [event["event"] for event in answer["content"]]
        token = answer["continuation_token"]
        if token is None:
            return


def numbers(text: str) -> list[int]:
    """The numbers of the lines that the DAG `speak` has written."""
    return [int(number) for number in re.findall(r"LINE (\d+)", text)]
