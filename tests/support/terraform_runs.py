"""Terraform on stacks, as the launcher runs it, in folders that share one installed provider."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import moto_account
from python_terraform import IsFlagged
from synthesis import Synthesized

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
        workspace = self._workspace(name, stack)
        driver = terraform.Terraform(workspace, lambda _: None)
        code, output, errors = driver.cmd("validate", no_color=IsFlagged)
        if code:
            return terraform.explain(output, errors)
        try:
            terraform.plan(driver)
        except LauncherError as error:
            return str(error)
        return None

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
