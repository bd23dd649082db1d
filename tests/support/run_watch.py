"""A run of a DAG watched from its trigger until the last of its logs can be read."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from airflow_api import FINISHED, AirflowApi
from e2e_report.timeline import TaskTimes, Timeline
from local_system import LocalSystem
from waiting import wait_for

RUN_SECONDS = 300
LOG_SECONDS = 60


class RunWatch:
    """Runs a DAG and notes when its logs are complete, in S3 and in the UI.

    Args:
        system: Where it is deployed.
        airflow: Its REST API.
        last_line: Returns what the last line of a task instance's log has in it.
    """

    def __init__(
        self, system: LocalSystem, airflow: AirflowApi, last_line: Callable[[dict[str, Any]], str]
    ) -> None:
        self._system, self._airflow = system, airflow
        self._s3, self._bucket = system.aws("s3"), system.outputs["log_bucket_name"]
        self._last_line = last_line
        self._stored: dict[str, float] = {}
        self._read: dict[str, float] = {}

    def run(self, dag_id: str) -> tuple[dict[str, Any], Timeline]:
        """Triggers a run and watches it to its end and until all of its logs can be read.

        Returns:
            The run's record, and how it went.
        """
        triggered = time.time()

        def since(text: str | None) -> float | None:
            return datetime.fromisoformat(text).timestamp() - triggered if text else None

        def noted(moments: dict[str, float], name: str) -> float | None:
            return moments[name] - triggered if name in moments else None

        run_id = self._airflow.trigger(dag_id)
        wait_for(
            f"run {run_id} of {dag_id}",
            lambda: self._look(dag_id, run_id),
            lambda seen: seen[0] in FINISHED,
            timeout_seconds=RUN_SECONDS,
            interval_seconds=0.25,
        )
        with suppress(AssertionError):  # the timeline tells which log is missing
            wait_for(
                f"the logs of run {run_id} of {dag_id}",
                lambda: self._look(dag_id, run_id),
                lambda seen: not seen[1],
                timeout_seconds=LOG_SECONDS,
                interval_seconds=0.25,
            )
        run = self._airflow.run(dag_id, run_id)
        tasks = [
            TaskTimes(
                name=_name(task),
                scheduled=since(task["scheduled_when"]),
                queued=since(task["queued_when"]),
                started=since(task["start_date"]),
                ended=since(task["end_date"]),
                in_s3=noted(self._stored, _name(task)),
                readable=noted(self._read, _name(task)),
            )
            for task in self._airflow.task_instances(dag_id, run_id)
        ]
        watched = Timeline(
            run=f"{run_id} of {dag_id}",
            triggered_at=datetime.fromtimestamp(triggered, UTC).isoformat(timespec="seconds"),
            queued=since(run["queued_at"]),
            started=since(run["start_date"]),
            ended=since(run["end_date"]),
            tasks=tasks,
        )
        return run, watched

    def _look(self, dag_id: str, run_id: str) -> tuple[str, list[str]]:
        """Returns the run's state and whose logs are not whole yet."""
        state = str(self._airflow.run(dag_id, run_id)["state"])
        tasks = self._airflow.task_instances(dag_id, run_id)
        for task in tasks:
            if task["state"] in FINISHED:
                self._note(self._stored, task, self._in_s3)
                self._note(self._read, task, self._in_the_ui)
        return state, [
            _name(task) for task in tasks if not {_name(task)} <= self._stored.keys() & self._read.keys()
        ]

    def _note(
        self, seen: dict[str, float], task: dict[str, Any], text: Callable[[dict[str, Any]], str]
    ) -> None:
        if _name(task) not in seen and self._last_line(task) in text(task):
            seen[_name(task)] = time.time()

    def _in_the_ui(self, task: dict[str, Any]) -> str:
        """Returns what the UI's log page is answered with."""
        return self._airflow.log_text(task, try_number=task["try_number"])

    def _in_s3(self, task: dict[str, Any]) -> str:
        """Returns what S3 has of the log of a task instance's last try."""
        key = self._system.log_key(task)
        found = self._s3.list_objects_v2(Bucket=self._bucket, Prefix=key).get("Contents", [])
        if key not in {item["Key"] for item in found}:  # the triggerer's begins so, too
            return ""
        body: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        return body.decode()


def _name(task: dict[str, Any]) -> str:
    return f"{task['task_id']}[{task['map_index']}]" if task["map_index"] >= 0 else str(task["task_id"])
