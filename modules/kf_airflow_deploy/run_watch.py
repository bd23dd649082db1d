"""Watches a run in Terraform Cloud: its states and its logs, until it ends or waits for a decision."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from kf_airflow_deploy.cloud_runs import CloudRuns
from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.run_log import RunLog
from kf_airflow_deploy.run_states import ABANDONED_CODE, APPLYING, QUEUED, Run

# A log is complete a moment after its run has ended.
_LOG_SECONDS = 10.0


@dataclass
class RunWatch:
    """Shows what happens in a run.

    Args:
        runs: The API.
        display: Where it is shown.
        queue_seconds: How long the run may wait for its turn.
        interval_seconds: Time between two looks.
        clock: The time, in seconds.
        applies: Whether it was decided that the run is applied; then it has a second log.
    """

    runs: CloudRuns
    display: Display
    queue_seconds: float
    interval_seconds: float = 1.0
    clock: Callable[[], float] = time.monotonic
    applies: bool = False
    _logs: dict[str, RunLog] = field(default_factory=dict)
    _told: str = ""

    def until(self, run: Run, decided: Callable[[Run], bool]) -> Run:
        """Watches until the run is as wanted, and returns it as it is then.

        Args:
            run: The run.
            decided: Whether it is.

        Raises:
            DeployError: if it waits for its turn for too long.
        """
        begun = self.clock()
        while True:
            self._tell(run)
            self._show_logs(run)
            if decided(run):
                self._finish_logs(run)
                return run
            if run.status in QUEUED and self.clock() - begun > self.queue_seconds:
                raise DeployError(
                    f"The run {run.id} has been {run.words} for {self.queue_seconds / 60:g} minutes.",
                    code=ABANDONED_CODE,
                )
            time.sleep(self.interval_seconds)
            run = self.runs.run(run.id)

    def _tell(self, run: Run) -> None:
        if run.words != self._told:
            self._told = run.words
            total = None
            if run.status == "applying" and run.plan_id:
                total = self.runs.plan_summary(run.plan_id).total
            self.display.stage(run.words, total=total)

    def _show_logs(self, run: Run) -> None:
        for log in self._open_logs(run):
            for line in log.new_lines():
                self.display.log(line)

    def _finish_logs(self, run: Run) -> None:
        deadline = self.clock() + _LOG_SECONDS
        while any(not log.ended for log in self._open_logs(run)) and self.clock() < deadline:
            time.sleep(self.interval_seconds)
            self._show_logs(run)

    def _open_logs(self, run: Run) -> list[RunLog]:
        """Returns the logs there are by now: of the plan, and of the apply once there is one."""
        wanted = {"plans": run.plan_id if run.status not in QUEUED else None}
        if self.applies or run.status in APPLYING:
            wanted["applies"] = run.apply_id
        for kind, id_ in wanted.items():
            if id_ and kind not in self._logs and (url := self.runs.log_url(kind, id_)):
                self._logs[kind] = RunLog(partial(self.runs.log, url))
        return list(self._logs.values())
