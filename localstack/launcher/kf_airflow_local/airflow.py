"""Airflow as a user reaches it: through the load balancer, with a token."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from kf_airflow_local.aws import LocalAws
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.progress import wait_until

SMOKE_DAG = "smoke"
ANSWER_SECONDS = 120
LOGIN_SECONDS = 120
PARSED_SECONDS = 180
RUN_SECONDS = 300
FINISHED = {"success", "failed"}


@dataclass(frozen=True)
class SmokeRun:
    """A run of the smoke DAG that succeeded.

    Args:
        run_id: Id of the run.
        log: S3 address of the log of one of its tasks.
    """

    run_id: str
    log: str

    @classmethod
    def read(cls, path: Path) -> "SmokeRun | None":
        """Return the run that was recorded, or None where there is none that can be read."""
        try:
            return cls(**json.loads(path.read_text())) if path.is_file() else None
        except (ValueError, TypeError):  # cut off while it was written
            return None

    def write(self, path: Path) -> None:
        """Record the run."""
        path.write_text(json.dumps(asdict(self)) + "\n")


@dataclass(frozen=True)
class RunState:
    """Where a run of a DAG is.

    Args:
        run: State of the run.
        tasks: State of each of its task instances, by name.
    """

    run: str
    tasks: Mapping[str, str]

    @classmethod
    def of(cls, run: Mapping[str, Any], instances: Mapping[str, Any]) -> "RunState":
        """Read it from the answers of the REST API, of which either may be missing for the moment."""
        tasks = {
            task["task_id"] if task["map_index"] < 0 else f"{task['task_id']}[{task['map_index']}]": task[
                "state"
            ]
            for task in instances.get("task_instances", [])
        }
        return cls(str(run.get("state", "unknown")), tasks)

    def __str__(self) -> str:
        """Say how many tasks are done and what the others are at."""
        done = sum(state == "success" for state in self.tasks.values())
        busy = ", ".join(
            f"{name} {state}"
            for name, state in self.tasks.items()
            if state not in {None, "success", "scheduled"}
        )
        return f"{self.run}, {done} of {len(self.tasks)} tasks succeeded" + (f"; {busy}" if busy else "")


class Airflow:
    """A client of Airflow's REST API.

    Args:
        url: Address of the webserver.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._session = requests.Session()

    def log_in(self, username: str, password: str) -> None:
        """Get a token, waiting until the webserver gives one.

        Raises:
            LauncherError: When it does not, or refuses the login.
        """

        def look() -> str:
            try:
                answer = self._session.post(
                    f"{self._url}/auth/token", json={"username": username, "password": password}, timeout=30
                )
            except requests.RequestException as error:
                return type(error).__name__
            if answer.ok:
                self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
                return ""
            return f"HTTP {answer.status_code} {answer.text[:200]}"

        wait_until(
            f"Logging in to Airflow at {self._url}",
            look,
            lambda state: not state,
            timeout_seconds=LOGIN_SECONDS,
        )

    def is_up(self) -> bool:
        """Tell whether the webserver answers through the load balancer."""
        try:
            return self._session.get(f"{self._url}/api/v2/version", timeout=5).ok
        except requests.RequestException:
            return False

    def wait_until_up(self) -> None:
        """Wait until the webserver answers through the load balancer.

        Raises:
            LauncherError: When it does not: its targets may be healthy all the same.
        """
        wait_until(
            f"Airflow at {self._url} (nox -s down and nox -s up make all of it anew)",
            lambda: "answers" if self.is_up() else "no answer",
            lambda state: state == "answers",
            timeout_seconds=ANSWER_SECONDS,
        )

    def run_once(self, dag_id: str, say: Callable[[str], None]) -> str:
        """Run a DAG and wait until it succeeded; returns the run's id.

        Raises:
            LauncherError: When the DAG is not found in time, or the run fails or takes too long.
        """
        wait_until(
            f"The DAG {dag_id} in Airflow",
            lambda: self._get(f"dags/{dag_id}"),
            lambda dag: "dag_id" in dag,
            timeout_seconds=PARSED_SECONDS,
            on_change=lambda _: say(f"waiting until Airflow has read the DAG {dag_id}"),
        )
        unpause = {"json": {"is_paused": False}, "params": {"update_mask": "is_paused"}}
        self._request("PATCH", f"dags/{dag_id}", **unpause)
        run = self._request("POST", f"dags/{dag_id}/dagRuns", json={"logical_date": None})
        run_id = str(run["dag_run_id"])
        path = f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"

        state = wait_until(
            f"The run {run_id} of the DAG {dag_id}",
            lambda: RunState.of(self._get(path), self._get(f"{path}/taskInstances")),
            lambda state: state.run in FINISHED,
            timeout_seconds=RUN_SECONDS,
            on_change=say,
        )
        if state.run != "success":
            raise LauncherError(f"The run {run_id} of the DAG {dag_id} failed: {state}.")
        return run_id

    def _get(self, path: str) -> dict[str, Any]:
        """Return the answer to a GET; an empty one while there is none."""
        try:
            answer = self._session.get(f"{self._url}/api/v2/{path}", timeout=30)
            body: dict[str, Any] = answer.json() if answer.ok else {"status": answer.status_code}
        except (requests.RequestException, ValueError) as error:
            return {"status": type(error).__name__}
        return body

    def _request(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            answer = self._session.request(method, f"{self._url}/api/v2/{path}", timeout=30, **options)
            answer.raise_for_status()
            body: dict[str, Any] = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise LauncherError(f"Airflow refused {method} {path}: {error}.") from error
        return body


def smoke(aws: LocalAws, outputs: Mapping[str, Any], say: Callable[[str], None]) -> SmokeRun:
    """Run the smoke DAG once and find a log of it in S3.

    Args:
        aws: LocalStack.
        outputs: Terraform's outputs.
        say: Told what happens.

    Returns:
        The run.

    Raises:
        LauncherError: When Airflow does not run it, or its log is not in S3.
    """
    admin = aws.secret(outputs["admin_secret_arn"])
    airflow = Airflow(outputs["webserver_url"])
    airflow.log_in(admin["username"], admin["password"])
    run_id = airflow.run_once(SMOKE_DAG, say)
    bucket, prefix = outputs["log_bucket_name"], outputs["log_prefix"].strip("/")
    folder = f"{prefix}/dag_id={SMOKE_DAG}/run_id={run_id}/".lstrip("/")
    keys = wait_until(
        f"A log in s3://{bucket}/{folder}",
        lambda: [
            stored["Key"]
            for stored in aws.s3.list_objects_v2(Bucket=bucket, Prefix=folder).get("Contents", [])
        ],
        bool,
        timeout_seconds=60,
    )
    return SmokeRun(run_id, f"s3://{bucket}/{keys[0]}")
