"""A run in Terraform Cloud, from an uploaded configuration to its end, whatever comes in between."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kf_airflow_deploy.cloud_address import CloudWorkspace
from kf_airflow_deploy.cloud_checks import objection
from kf_airflow_deploy.cloud_configuration import CloudConfiguration
from kf_airflow_deploy.cloud_runs import CloudRuns
from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.interrupts import Interrupts
from kf_airflow_deploy.run_decision import RunDecision, give_up
from kf_airflow_deploy.run_states import ABANDONED_CODE, APPLYING, Run
from kf_airflow_deploy.run_watch import RunWatch


def usable_workspace(
    configuration: CloudConfiguration, place: CloudWorkspace, *, applies: bool, variables: bool
) -> str:
    """Returns a workspace's id, once it is known that it can do what is asked.

    Args:
        configuration: The API.
        place: The workspace.
        applies: Whether a run is to be applied there.
        variables: Whether variables are to be set there.

    Raises:
        DeployError: if it cannot.
    """
    workspace = configuration.workspace()
    facts = configuration.facts(workspace)
    if problem := objection(facts, name=place.name, applies=applies, variables=variables):
        raise DeployError(problem)
    return workspace.id


def started(
    configuration: CloudConfiguration,
    runs: CloudRuns,
    *,
    workspace_id: str,
    folder: Path,
    plan_only: bool,
    message: str,
    interrupts: Interrupts,
) -> Run:
    """Uploads a folder and starts a run of it; where none comes of it, what was uploaded is thrown away.

    Args:
        configuration: The API, of configurations.
        runs: The API, of runs.
        workspace_id: The workspace.
        folder: The configuration.
        plan_only: Whether it can never be applied.
        message: What the run is called.
        interrupts: Held until the run is known.

    Raises:
        DeployError: if the API refuses.
    """
    version = configuration.upload(workspace_id, folder, speculative=plan_only)
    try:
        with interrupts.held():
            return runs.start(workspace_id, version, plan_only=plan_only, message=message)
    except BaseException:
        configuration.archive(version)
        raise


@dataclass
class CloudRun:
    """What happens with a run that was started.

    Args:
        runs: The API.
        display: Where it is shown.
        place: The workspace.
        decision: Decides whether what was planned is applied. If left out, the run only plans.
        interrupts: What may interrupt it.
        queue_seconds: How long it may wait for its turn.
        interval_seconds: Time between two looks.
    """

    runs: CloudRuns
    display: Display
    place: CloudWorkspace
    decision: RunDecision
    interrupts: Interrupts
    queue_seconds: float
    interval_seconds: float

    def to_its_end(self, run: Run) -> Run:
        """Watches a run, lets it be decided upon where it waits, and returns it as it ended.

        Raises:
            DeployError: if it must not be applied, waits too long, or the API answers no more; unless the run
                was given up, its page is named.
            KeyboardInterrupt: after what has not begun to change anything was cancelled.
        """
        page = f"{self.place.page}/runs/{run.id}"
        self.display.say(f"Run {run.id}: {page}")
        try:
            self.interrupts.answer()
            return self._followed(run)
        except KeyboardInterrupt:
            self.display.say(self._interrupted(run.id, page))
            raise
        except DeployError as error:
            if error.code == ABANDONED_CODE:
                self._give_up(run.id)
                raise
            raise DeployError(f"{error} The run was started: {page}", code=1) from error

    def _followed(self, run: Run) -> Run:
        watch = RunWatch(
            self.runs,
            self.display,
            queue_seconds=self.queue_seconds,
            interval_seconds=self.interval_seconds,
        )
        with self.display.progress():
            run = watch.until(run, lambda seen: seen.ended or seen.waits)
        if run.ended:
            if run.planned:
                self.decision.show(run)
            return run
        if not self.decision.settle(run):
            return Run(run.id, "discarded")
        watch.applies = True
        with self.display.progress():
            return watch.until(self.runs.run(run.id), lambda seen: seen.ended)

    def _interrupted(self, run_id: str, page: str) -> str:
        """Ends what has not begun to change anything; returns what became of it."""
        try:
            run = self.runs.run(run_id)
            if run.status in APPLYING:
                return f"The run goes on, for to stop it now may leave things half done: {page}"
            if run.ended:
                return f"The run {run_id} is {run.words}."
            give_up(self.runs, run)
        except (DeployError, KeyboardInterrupt) as error:
            return f"The run could not be cancelled ({error}) and goes on: {page}"
        return f"The run {run_id} was cancelled."

    def _give_up(self, run_id: str) -> None:
        run = self.runs.run(run_id)
        if not run.ended and run.status not in APPLYING:
            give_up(self.runs, run)
