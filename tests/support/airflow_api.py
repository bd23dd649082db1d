"""Airflow's REST API as a user reaches it: through the load balancer, with a token."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import requests
from waiting import wait_for

FINISHED = {"success", "failed"}
_PAGE = 100  # the most that Airflow gives at once


class AirflowApi:
    """A logged-in client of the REST API.

    Args:
        url: Address of the webserver, without a trailing slash.
        username: Name of the user to log in as.
        password: That user's password.
    """

    def __init__(self, url: str, *, username: str, password: str) -> None:
        self.url = url.rstrip("/")
        self._credentials = {"username": username, "password": password}
        self._session = requests.Session()
        # A kept connection that the load balancer drops, as when it is set up anew, fails the next POST.
        self._session.headers["Connection"] = "close"
        self._log_in()

    def _log_in(self) -> None:
        answer = self._session.post(f"{self.url}/auth/token", json=self._credentials, timeout=30)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def close(self) -> None:
        """Closes its connections."""
        self._session.close()

    def get(self, path: str, **parameters: Any) -> dict[str, Any]:
        """Returns the JSON answer to GET /api/v2/<path>."""
        answer = self._session.get(f"{self.url}/api/v2/{path}", params=parameters, timeout=30)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        return body

    def stream(self, path: str, **parameters: Any) -> Iterator[bytes]:
        """Yields the answer to GET /api/v2/<path> in JSON lines, as the UI asks for logs, as it comes."""
        with self._session.get(
            f"{self.url}/api/v2/{path}",
            params=parameters,
            headers={"Accept": "application/x-ndjson"},
            stream=True,
            timeout=120,
        ) as answer:
            answer.raise_for_status()
            yield from answer.iter_content(65536)

    def add_connection(self, connection_id: str, **values: str | int) -> None:
        """Makes a connection."""
        answer = self._session.post(
            f"{self.url}/api/v2/connections", json={"connection_id": connection_id, **values}, timeout=30
        )
        answer.raise_for_status()

    def delete_connection(self, connection_id: str) -> None:
        """Deletes a connection."""
        answer = self._session.delete(f"{self.url}/api/v2/connections/{connection_id}", timeout=30)
        answer.raise_for_status()

    def set_variable(self, key: str, value: str) -> None:
        """Makes a variable."""
        answer = self._session.post(
            f"{self.url}/api/v2/variables", json={"key": key, "value": value}, timeout=30
        )
        answer.raise_for_status()

    def delete_variable(self, key: str) -> None:
        """Deletes a variable, if there is one of that name."""
        answer = self._session.delete(f"{self.url}/api/v2/variables/{key}", timeout=30)
        if answer.status_code != requests.codes.not_found:
            answer.raise_for_status()

    @property
    def headers(self) -> dict[str, str]:
        """What a request of somebody else needs to be let in as well."""
        return {"Authorization": str(self._session.headers["Authorization"])}

    def trigger(self, dag_id: str, **params: Any) -> str:
        """Starts a run of a DAG with these params and returns its run id."""
        answer = self._session.post(
            f"{self.url}/api/v2/dags/{dag_id}/dagRuns",
            json={"logical_date": None, "conf": params},
            timeout=30,
        )
        answer.raise_for_status()
        run_id: str = answer.json()["dag_run_id"]
        return run_id

    def clear(self, dag_id: str, run_id: str) -> None:
        """Has all tasks of a finished run run once more."""
        answer = self._session.post(
            f"{self.url}/api/v2/dags/{dag_id}/clearTaskInstances",
            json={"dry_run": False, "dag_run_id": run_id, "only_failed": False},
            timeout=30,
        )
        answer.raise_for_status()

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Returns a run's record."""
        return self.get(f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}")

    def runs(self, dag_id: str, **filters: Any) -> list[dict[str, Any]]:
        """Returns a DAG's runs, newest first."""
        found = self.get(f"dags/{dag_id}/dagRuns", order_by="-run_after", limit=50, **filters)
        runs: list[dict[str, Any]] = found["dag_runs"]
        return runs

    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Returns the task instances of a run."""
        path = f"dags/{dag_id}/dagRuns/{quote(run_id, safe='')}/taskInstances"
        instances: list[dict[str, Any]] = []
        while True:
            page = self.get(path, limit=_PAGE, offset=len(instances), order_by="id")["task_instances"]
            instances += page
            if len(page) < _PAGE:
                return instances

    def wait_for_run(self, dag_id: str, run_id: str, *, timeout_seconds: float = 240) -> dict[str, Any]:
        """Waits until a run is finished and returns its record."""

        def look() -> dict[str, Any]:
            run = self.run(dag_id, run_id)
            tasks = {
                f"{task['task_id']}[{task['map_index']}]": task["state"]
                for task in self.task_instances(dag_id, run_id)
            }
            return {**run, "tasks": tasks}

        return wait_for(
            f"run {run_id} of {dag_id}",
            look,
            lambda run: run["state"] in FINISHED,
            timeout_seconds=timeout_seconds,
            interval_seconds=2,
        )

    def log_text(self, task: dict[str, Any], *, try_number: int = 1) -> str:
        """Returns a task instance's log as the webserver reads it, one event a line."""
        path = (
            f"dags/{task['dag_id']}/dagRuns/{quote(task['dag_run_id'], safe='')}"
            f"/taskInstances/{task['task_id']}/logs/{try_number}"
        )
        content = self.get(path, map_index=task["map_index"], full_content=True)["content"]
        return "\n".join(str(event["event"]) if isinstance(event, dict) else str(event) for event in content)
