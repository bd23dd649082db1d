"""Terraform on a stack in the local cloud, in a folder of its own, as the launcher runs it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import moto_account
from python_terraform import IsFlagged
from synthesis import Synthesized

from kf_airflow_local import synthesis, terraform
from kf_airflow_local.workspace import Workspace


class DeployedStack:
    """A stack that Terraform applies, plans and destroys.

    Args:
        folder: Where Terraform works.
        stack: The stack, whose providers have no endpoints.
        url: The address of the API.

    Attributes:
        adapted: Whether it had to be adapted to the old provider.
    """

    def __init__(self, folder: Path, stack: Synthesized, *, url: str) -> None:
        self._workspace, self._url = Workspace(folder), url
        self.adapted = synthesis.initialize(self._workspace, self._document(stack), lambda _: None).old
        self._terraform = terraform.Terraform(self._workspace, lambda _: None)

    def change(self, stack: Synthesized) -> None:
        """Gives Terraform another stack, which the next plan is about."""
        document = synthesis.for_source(
            self._document(stack), old=self.adapted, state=self._workspace.state.name
        )
        synthesis.write(document, self._workspace.terraform / "cdk.tf.json")

    def _document(self, stack: Synthesized) -> dict[str, Any]:
        arguments = moto_account.provider_arguments(self._url)
        told = [{**block, **arguments} for block in stack.document["provider"]["aws"]]
        return {**stack.document, "provider": {"aws": told}}

    def plans_changes(self) -> bool:
        """Plans, and tells whether there is anything to change; `said` is then what."""
        return terraform.plan(self._terraform)

    def apply(self) -> str:
        """Plans and applies; returns Terraform's summary."""
        self.plans_changes()
        return terraform.apply(self._terraform)

    def destroy(self) -> None:
        code, output, errors = self._terraform.cmd(
            "destroy",
            auto_approve=IsFlagged,
            no_color=IsFlagged,
            input=False,
            parallelism=terraform.PARALLELISM,
        )
        assert code == 0, terraform.explain(output, errors)

    @property
    def applied(self) -> Mapping[str, list[dict[str, Any]]]:
        """What is in the state: the attributes of each resource, by type."""
        state = json.loads(self._workspace.state.read_text()) if self._workspace.state.is_file() else {}
        found: dict[str, list[dict[str, Any]]] = {}
        for resource in state.get("resources", []):
            if resource["mode"] == "managed":
                found.setdefault(resource["type"], []).extend(
                    instance["attributes"] for instance in resource["instances"]
                )
        return found

    @property
    def said(self) -> str:
        """The last that Terraform said."""
        return self._workspace.log.read_text()[-8000:]


@contextmanager
def deployed_stack(folder: Path, stack: Synthesized, *, url: str) -> Iterator[DeployedStack]:
    """Applies a stack, and destroys what there is of it at the end.

    Args:
        folder: Where Terraform works.
        stack: The stack, whose providers have no endpoints.
        url: The address of the API.
    """
    deployed = DeployedStack(folder, stack, url=url)
    try:
        deployed.apply()
        yield deployed
    finally:
        if deployed.applied:
            deployed.destroy()
