"""How drift is found, wherever the state is, and what is said of it."""

from __future__ import annotations

import argparse
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kf_airflow.state_settings import StateSettings
from kf_airflow_deploy import terraform
from kf_airflow_deploy.cloud_address import cloud_workspace
from kf_airflow_deploy.cloud_client import CloudClient
from kf_airflow_deploy.cloud_configuration import CloudConfiguration
from kf_airflow_deploy.cloud_run import CloudRun, started, usable_workspace
from kf_airflow_deploy.cloud_runs import CloudRuns
from kf_airflow_deploy.credentials import find_token
from kf_airflow_deploy.display import Display
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.interrupts import Interrupts
from kf_airflow_deploy.plan_changes import Change, changes
from kf_airflow_deploy.run_decision import RunDecision
from kf_airflow_deploy.synthesis import Stack, app_for, settings_of, synthesize, terraform_environment

DIFFERS = 2
_QUEUE_SECONDS = 1800.0
_WORDS = {
    ("create", False): "not deployed yet",
    ("change", False): "deployed with other settings",
    ("replace", False): "deployed with other settings, which need a new one",
    ("destroy", False): "deployed, but not in the configuration",
    ("forget", False): "deployed, and to be forgotten",
    ("create", True): "removed outside of Terraform",
    ("change", True): "changed outside of Terraform",
    ("replace", True): "changed outside of Terraform, which needs a new one",
    ("destroy", True): "changed outside of Terraform, and not in the configuration",
    ("forget", True): "changed outside of Terraform, and to be forgotten",
}


@dataclass
class DriftCommand:
    """One call of `drift`.

    Args:
        arguments: The arguments.
        root: The folder of the project.
        display: Where it says what differs.
    """

    arguments: argparse.Namespace
    root: Path = field(default_factory=Path.cwd)
    display: Display = field(default_factory=Display)

    def run(self) -> int:
        """Compares; returns the exit code.

        Raises:
            DeployError: if that cannot be done.
        """
        environment = self.arguments.environment
        state = settings_of(environment, root=self.root).state
        self.display.say(f"Comparing {environment} with what is deployed.", style="dim")
        stack = synthesize(
            environment,
            root=self.root,
            app=app_for(environment, root=self.root, app=self.arguments.app),
            output=self._folder / "synthesized",
            stack=self.arguments.stack,
        )
        in_cloud = "cloud" in stack.document["terraform"]
        found = self._plan_in_cloud(stack, state) if in_cloud else self._plan_here(stack)
        for line in report(environment, found):
            self.display.say(line)
        return DIFFERS if found else 0

    @property
    def _folder(self) -> Path:
        return self.root / "build" / "drift" / str(self.arguments.environment)

    def _plan_in_cloud(self, stack: Stack, state: StateSettings) -> list[Change]:
        """Plans in Terraform Cloud, which has the state, by a run that can never be applied."""
        place = cloud_workspace(
            hostname=None,
            organization=None,
            workspace=None,
            state=state,
            environment=os.environ,
            stack=stack.name,
        )
        token = find_token(place.host, environment=os.environ, home=Path.home())
        with CloudClient(place, token) as client, Interrupts() as interrupts:
            configuration, runs = CloudConfiguration(client), CloudRuns(client)
            run = started(
                configuration,
                runs,
                workspace_id=usable_workspace(configuration, place, applies=False, variables=False),
                folder=stack.folder,
                plan_only=True,
                message=f"drift of {stack.name}",
                interrupts=interrupts,
            )
            decision = RunDecision(runs, self.display, allowed=(), approved=False, ask=lambda _: False)
            run = CloudRun(
                runs,
                self.display,
                place,
                decision,
                interrupts,
                queue_seconds=_QUEUE_SECONDS,
                interval_seconds=client.interval_seconds,
            ).to_its_end(run)
            if not run.planned or run.plan_id is None:
                raise DeployError(f"The run {run.id} is {run.words}: its log says why.")
            plan = runs.plan_json(run.plan_id)
            if plan is None:
                raise DeployError(
                    f"{place.host} does not let the token in {token.origin} read the plan {run.plan_id}: use "
                    "one of an administrator of the workspace."
                )
        return changes(plan)

    def _plan_here(self, stack: Stack) -> list[Change]:
        """Plans on this machine, in a folder that keeps the provider from one time to the next."""
        folder = self._folder / "terraform"
        for path in folder.glob("*.tf.json"):
            path.unlink()
        shutil.copytree(stack.folder, folder, dirs_exist_ok=True)
        environment = terraform_environment(self.arguments.environment, os.environ)
        driver = terraform.Terraform(folder, environment=environment)
        terraform.initialize(driver)
        try:
            if not terraform.plan(driver, lock_seconds=self.arguments.lock_seconds):
                return []
            found = changes(json.loads(terraform.show(driver)))
        finally:
            # A plan has the state's secrets in it.
            (folder / terraform.PLAN).unlink(missing_ok=True)
        if not found:
            raise DeployError("Terraform plans changes that it does not name: look at `terraform plan`.")
        return found


def report(environment: str, found: Sequence[Change]) -> Iterator[str]:
    """Yields the lines that tell what differs.

    Args:
        environment: Whose.
        found: What differs.
    """
    if not found:
        yield f"{environment} is deployed as its settings say."
        return
    places = "1 place" if len(found) == 1 else f"{len(found)} places"
    yield f"{environment} differs from its settings in {places} (what is deployed -> what the settings say):"
    for change in found:
        yield f"  {change.address}: {_WORDS[change.kind, change.outside]}"
        for attribute in change.attributes:
            yield f"    {attribute}"
