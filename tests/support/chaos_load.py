"""One run of the DAG `chaos_load`, from its trigger to its verdict."""

import os
import time
from collections.abc import Callable
from typing import Any, Protocol

import requests
from airflow_api import FINISHED
from chaos_ledger import Ledger
from chaos_verdict import Verdict, judge
from local_system import LocalSystem
from waiting import wait_for

DAG = "chaos_load"
TASKS = int(os.environ.get("CHAOS_TASKS", "200"))
WORKERS, CONCURRENCY = 2, 4  # as `nox -s chaos` deploys them
LATEST_SECONDS = 1200


class Load:
    """A run of the DAG.

    Args:
        system: The deployed system.
        ledger: Where the tasks write down what they do.
        tasks: How many there are.
        seconds: How long the shortest and the longest of them sleep.
    """

    def __init__(
        self,
        system: LocalSystem,
        ledger: Ledger,
        *,
        tasks: int = TASKS,
        seconds: tuple[float, float] = (2.0, 8.0),
    ) -> None:
        self._airflow = system.airflow()
        self._ledger = ledger
        self._tasks = tasks
        shortest, longest = seconds
        self.run = self._airflow.trigger(DAG, tasks=tasks, shortest_seconds=shortest, longest_seconds=longest)

    def wait_until_under_way(self, ended: int = 2 * WORKERS * CONCURRENCY) -> None:
        """Waits until so many tasks have ended."""
        wait_for(
            f"{ended} tasks of {self.run} have ended",
            lambda: self._ledger.ended(self.run),
            lambda found: found >= ended,
            timeout_seconds=300,
        )

    def let_pass(self, seconds: float) -> None:
        """Lets a fault last while the load goes on."""
        time.sleep(seconds)

    def verdict_on(self, inject: Callable[[], object], *, latest_seconds: float = LATEST_SECONDS) -> Verdict:
        """Lets the fault happen, waits for the end of the run, and judges it.

        Args:
            inject: Makes the fault.
            latest_seconds: What has not ended by then is stuck.
        """
        fault_at = self._ledger.now()
        inject()
        self._wait_for_end(time.monotonic() + latest_seconds)
        return judge(
            self._states(),
            self._ledger.attempts(self.run),
            tasks=range(self._tasks),
            fault_at=fault_at,
            slots=WORKERS * CONCURRENCY,
        )

    def _wait_for_end(self, deadline: float) -> None:
        while time.monotonic() < deadline:
            try:
                if self._airflow.run(DAG, self.run)["state"] in FINISHED:
                    return
            except requests.RequestException:
                pass  # the webserver may be what the fault took away
            time.sleep(2)

    def _states(self) -> dict[int, str | None]:
        def look() -> list[dict[str, Any]]:
            return self._airflow.task_instances(DAG, self.run)

        found = wait_for(f"Airflow tells of {self.run}", look, bool, timeout_seconds=120)
        return {task["map_index"]: task["state"] for task in found if task["task_id"] == "work"}


class Survive(Protocol):
    """Puts the system under a load, lets a fault happen, and judges what became of the tasks."""

    def __call__(self, fault: str, inject: Callable[[Load], object], **load: Any) -> Verdict: ...
