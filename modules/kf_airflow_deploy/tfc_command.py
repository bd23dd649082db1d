"""The way of a stack through Terraform Cloud, from its settings to a run that ended."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from rich.prompt import Confirm

from kf_airflow_deploy.cloud_address import CloudWorkspace, cloud_workspace
from kf_airflow_deploy.cloud_checks import objection
from kf_airflow_deploy.cloud_client import CloudClient
from kf_airflow_deploy.cloud_configuration import CloudConfiguration
from kf_airflow_deploy.cloud_runs import CloudRuns
from kf_airflow_deploy.command_line import INTERRUPTED
from kf_airflow_deploy.credentials import find_token
from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.run_states import APPLYING, Run, exit_code
from kf_airflow_deploy.run_variables import RunVariable, run_variables
from kf_airflow_deploy.run_watch import RunWatch
from kf_airflow_deploy.synthesis import Stack, app_for, settings_of, synthesize
from kf_airflow_deploy.tfc_outcome import Decision

CHANGES = 4


@dataclass
class TfcCommand:
    """One call of `tfc`, whose input is known to be good as far as that can be known here.

    Args:
        arguments: The arguments.
        root: The folder of the project.
        place: The workspace.
        variables: Its variables.
        display: Where it shows what happens.
    """

    arguments: argparse.Namespace
    root: Path
    place: CloudWorkspace
    variables: list[RunVariable]
    display: Display = field(default_factory=Display)

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> Self:
        """Returns the command that arguments and settings describe.

        Raises:
            DeployError: if they describe none.
        """
        root = Path.cwd()
        state = settings_of(arguments.environment, root=root).state
        command = cls(
            arguments=arguments,
            root=root,
            place=cloud_workspace(
                hostname=arguments.hostname,
                organization=arguments.organization,
                workspace=arguments.workspace,
                state=state,
                environment=os.environ,
                stack=arguments.stack or f"airflow-{arguments.environment}",
            ),
            variables=run_variables(
                settings=state.variables,
                terraform=arguments.var,
                env=arguments.env,
                sensitive=arguments.sensitive,
                environment=os.environ,
            ),
        )
        if command.applies and not (arguments.auto_approve or sys.stdin.isatty()):
            raise DeployError(
                "There is no terminal to ask at before the plan is applied: give --auto-approve."
            )
        return command

    @property
    def applies(self) -> bool:
        """Whether what is planned is applied."""
        return bool(self.arguments.action == "apply")

    def run(self) -> int:
        """Goes all the way; returns the exit code.

        Raises:
            DeployError: with a sentence for what goes wrong, and the exit code that goes with it.
        """
        token = find_token(self.place.host, environment=os.environ, home=Path.home())
        with CloudClient(self.place, token) as client, _ended_by_sigterm():
            configuration = CloudConfiguration(client)
            workspace_id = self._usable_workspace(configuration)
            stack = self._stack()
            self._set_variables(configuration, workspace_id)
            version = configuration.upload(workspace_id, stack.folder, speculative=not self.applies)
            runs = CloudRuns(client)
            try:
                run = runs.start(
                    workspace_id,
                    version,
                    plan_only=not self.applies,
                    message=self.arguments.message or f"{stack.name} by kf-airflow",
                )
            except BaseException:
                configuration.archive(version)
                raise
            return self._watched(runs, run, client.interval_seconds)

    def _usable_workspace(self, configuration: CloudConfiguration) -> str:
        """Returns the workspace's id, once it is known that it can do what is asked."""
        workspace = configuration.workspace()
        facts = configuration.facts(workspace)
        if problem := objection(
            facts, name=self.place.name, applies=self.applies, variables=bool(self.variables)
        ):
            raise DeployError(problem)
        return workspace.id

    def _stack(self) -> Stack:
        """Returns the stack with its state in the workspace, wherever its settings have it."""
        arguments = self.arguments
        stack = synthesize(
            arguments.environment,
            root=self.root,
            app=app_for(arguments.environment, root=self.root, app=arguments.app),
            output=self.root / "build" / "tfc" / arguments.environment,
            stack=arguments.stack,
        )
        elsewhere = next(iter(stack.document["terraform"].get("backend", {})), None)
        if elsewhere:
            self.display.say(
                f"The state is that of the workspace, not that of the settings' backend {elsewhere}."
            )
        return stack.with_terraform(backend=None, cloud=self.place.block())

    def _set_variables(self, configuration: CloudConfiguration, workspace_id: str) -> None:
        if self.variables and (changed := configuration.set_variables(workspace_id, self.variables)):
            self.display.say(f"Variables set: {', '.join(changed)}.")

    def _watched(self, runs: CloudRuns, run: Run, interval_seconds: float) -> int:
        """Watches the run to its end, with a decision in between where it is to be applied."""
        page = f"{self.place.page}/runs/{run.id}"
        self.display.say(f"Run {run.id}: {page}")
        watch = RunWatch(
            runs,
            self.display,
            queue_seconds=self.arguments.queue_minutes * 60,
            interval_seconds=interval_seconds,
        )
        decision = Decision(
            runs,
            self.display,
            allowed=self.arguments.allow_destroy,
            approved=self.arguments.auto_approve,
            ask=self._ask,
        )
        try:
            return self._to_its_end(watch, decision, run)
        except KeyboardInterrupt:
            self.display.say(self._interrupted(decision, run.id, page))
            return INTERRUPTED
        except DeployError as error:
            if error.code == 3:
                self._give_up(decision, run.id)
                raise
            raise DeployError(f"{error} The run {run.id} was started: {page}", code=1) from error

    def _to_its_end(self, watch: RunWatch, decision: Decision, run: Run) -> int:
        with self.display.progress():
            run = watch.until(run, lambda seen: seen.ended or seen.waits)
        if run.waits and not run.ended:
            if not decision.settle(run):
                self.display.say("Discarded.")
                return exit_code("discarded")
            with self.display.progress():
                run = watch.until(watch.runs.run(run.id), lambda seen: seen.ended)
        else:
            decision.show(run)
        self.display.say(f"The run is {run.words}.", style="bold")
        if self.arguments.detailed_exitcode and not self.applies and run.has_changes:
            return exit_code(run.status) or CHANGES
        return exit_code(run.status)

    def _ask(self, question: str) -> bool:
        return Confirm.ask(question, console=self.display.console, default=False)

    def _interrupted(self, decision: Decision, run_id: str, page: str) -> str:
        """Ends what has not begun to change anything; returns what became of it."""
        try:
            run = decision.runs.run(run_id)
            if run.status in APPLYING:
                return f"Interrupted; the run goes on, for to stop it now may leave things half done: {page}"
            if not run.ended:
                decision.discard(run)
        except (DeployError, KeyboardInterrupt) as error:
            return f"Interrupted; the run could not be cancelled ({error}) and goes on: {page}"
        return f"Interrupted; the run {run_id} was cancelled."

    def _give_up(self, decision: Decision, run_id: str) -> None:
        run = decision.runs.run(run_id)
        if not run.ended and run.status not in APPLYING:
            decision.discard(run)


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Lets SIGTERM, which a pipeline sends when it is cancelled, be an interrupt."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
