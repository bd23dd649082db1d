"""The way of a stack through Terraform Cloud, from its settings to a run that ended."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from rich.prompt import Confirm

from kf_airflow_deploy.cloud_address import CloudWorkspace, cloud_workspace
from kf_airflow_deploy.cloud_client import CloudClient
from kf_airflow_deploy.cloud_configuration import CloudConfiguration
from kf_airflow_deploy.cloud_run import CloudRun, started, usable_workspace
from kf_airflow_deploy.cloud_runs import CloudRuns
from kf_airflow_deploy.credentials import find_token
from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.interrupts import Interrupts
from kf_airflow_deploy.run_decision import RunDecision
from kf_airflow_deploy.run_states import exit_code
from kf_airflow_deploy.run_variables import RunVariable, run_variables
from kf_airflow_deploy.synthesis import Stack, app_for, settings_of, synthesize

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
        with CloudClient(self.place, token) as client, Interrupts() as interrupts:
            configuration, runs = CloudConfiguration(client), CloudRuns(client)
            workspace_id = usable_workspace(
                configuration, self.place, applies=self.applies, variables=bool(self.variables)
            )
            stack = self._stack()
            self._set_variables(configuration, workspace_id)
            run = started(
                configuration,
                runs,
                workspace_id=workspace_id,
                folder=stack.folder,
                plan_only=not self.applies,
                message=self.arguments.message or f"{stack.name} by kf-airflow",
                interrupts=interrupts,
            )
            run = CloudRun(
                runs,
                self.display,
                self.place,
                self._decision(runs),
                interrupts,
                queue_seconds=self.arguments.queue_minutes * 60,
                interval_seconds=client.interval_seconds,
            ).to_its_end(run)
        self.display.say(f"The run is {run.words}.", style="bold")
        if self.arguments.detailed_exitcode and not self.applies and run.has_changes:
            return exit_code(run.status) or CHANGES
        return exit_code(run.status)

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

    def _decision(self, runs: CloudRuns) -> RunDecision:
        return RunDecision(
            runs,
            self.display,
            allowed=self.arguments.allow_destroy,
            approved=self.arguments.auto_approve,
            ask=self._ask,
        )

    def _ask(self, question: str) -> bool:
        try:
            return Confirm.ask(question, console=self.display.console, default=False)
        except EOFError:  # Ctrl-D is no yes
            return False
