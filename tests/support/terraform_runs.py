"""Terraform on stacks, as the launcher runs it, in folders that share one installed provider."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import moto_account
import terraform_schema
from python_terraform import IsFlagged
from synthesis import Synthesized

from kf_airflow.hcl import hcl
from kf_airflow_local import provider, synthesis, terraform
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.workspace import Workspace


class TerraformRuns:
    """Validates and plans stacks against an account in moto, with the provider at hand.

    Args:
        folder: Where it works.
        url: The address of the account's API.
        first: The stack to install the provider for; all ask for the same one.

    Attributes:
        source: Where the provider comes from.
    """

    def __init__(self, folder: Path, *, url: str, first: Synthesized) -> None:
        self._folder = folder
        self._url = url
        self._installed = Workspace(folder / "installed")
        self.source: provider.Source = synthesis.initialize(
            self._installed, self._in_account(first), lambda _: None
        )

    def explain(self, name: str, stack: Synthesized) -> str | None:
        """Validates and plans a stack; returns Terraform's error, or None if there is none."""
        driver = terraform.Terraform(self._workspace(name, stack), lambda _: None)
        code, output, errors = driver.cmd("validate", no_color=IsFlagged)
        if code:
            return terraform.explain(output, errors)
        try:
            terraform.plan(driver)
        except LauncherError as error:
            return str(error)
        return None

    def planned(self, name: str) -> dict[str, Any]:
        """Returns the plan of a stack that `explain` has planned: what there will be, what refers to what."""
        return self._plan(Workspace(self._folder / name))

    def planned_as_hcl(self, name: str, stack: Synthesized) -> dict[str, Any]:
        """Returns Terraform's plan of the same stack as it is written in HCL.

        What is a block is the provider's word here, as the old one has others than the bindings.
        """
        workspace = self._workspace(f"hcl/{name}", stack)
        given = workspace.terraform / "cdk.tf.json"
        document = json.loads(given.read_text())
        text = hcl(document, terraform_schema.blocks_of(document, self.schemas))
        (workspace.terraform / "cdk.tf").write_text(text)
        given.unlink()
        terraform.plan(terraform.Terraform(workspace, lambda _: None))
        return self._plan(workspace)

    @cached_property
    def schemas(self) -> terraform_schema.Schemas:
        """What the provider at hand knows of each of its types."""
        return terraform_schema.of_provider(self._shown(self._installed, "providers", "schema", "-json"))

    def _plan(self, workspace: Workspace) -> dict[str, Any]:
        plan = self._shown(workspace, "show", "-json", terraform.PLAN)
        kept = ("variables", "planned_values", "resource_changes", "output_changes", "prior_state", "checks")
        return {
            **{name: plan.get(name) for name in kept},
            "configuration": _without_constants(plan["configuration"]),
        }

    @staticmethod
    def _shown(workspace: Workspace, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=workspace.terraform,
            env=terraform.environment(os.environ, workspace),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, terraform.explain("", done.stderr)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def _workspace(self, name: str, stack: Synthesized) -> Workspace:
        workspace = Workspace(self._folder / name)
        document = synthesis.for_source(
            self._in_account(stack), old=self.source.old, state=workspace.state.name
        )
        synthesis.write(document, workspace.terraform / "cdk.tf.json")
        terraform.choose(workspace, self.source)
        installed = self._installed.terraform
        (workspace.terraform / ".terraform").symlink_to(installed / ".terraform")
        shutil.copy(installed / ".terraform.lock.hcl", workspace.terraform)
        return workspace

    def _in_account(self, stack: Synthesized) -> dict[str, Any]:
        """The stack with the account's API instead of AWS's, or LocalStack's, and no state but a file."""
        required = {key: value for key, value in stack.document["terraform"].items() if key != "cloud"}
        blocks: Iterable[dict[str, Any]] = stack.document["provider"]["aws"]
        told = [{**block, **moto_account.provider_arguments(self._url)} for block in blocks]
        return {**stack.document, "terraform": required, "provider": {"aws": told}}


def _without_constants(value: Any) -> Any:
    """Leaves the values of a configuration out: the plan has them, and here some are references."""
    if isinstance(value, dict):
        return {key: _without_constants(item) for key, item in value.items() if key != "constant_value"}
    return [_without_constants(item) for item in value] if isinstance(value, list) else value
