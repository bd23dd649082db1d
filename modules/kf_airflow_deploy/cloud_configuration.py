"""A workspace in Terraform Cloud: whether it can be used, its variables, and the configuration it runs."""

from __future__ import annotations

import difflib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytfe import errors as refusals
from pytfe.models import (
    CategoryType,
    ConfigurationVersionCreateOptions,
    VariableCreateOptions,
    VariableUpdateOptions,
    Workspace,
)

from kf_airflow_deploy.cloud_checks import WorkspaceFacts
from kf_airflow_deploy.cloud_client import CloudClient
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.run_variables import RunVariable

UPLOAD_SECONDS = 120.0


class CloudConfiguration:
    """What the API has to be asked before there is a run.

    Args:
        client: The connection.
    """

    def __init__(self, client: CloudClient) -> None:
        self._client = client

    def workspace(self) -> Workspace:
        """Returns the workspace.

        Raises:
            DeployError: if it, or its organization, is not there for this token.
        """
        place = self._client.place
        with self._client.told("read the workspace"):
            try:
                return self._client.once.workspaces.read(place.name, organization=place.organization)
            except refusals.NotFound:
                self._organization()
                names = [found.name or "" for found in self._client.once.workspaces.list(place.organization)]
        near = difflib.get_close_matches(place.name, names, n=3)
        hint = f"; similar are {', '.join(near)}" if near else ""
        raise DeployError(
            f"The organization {place.organization} on {place.host} has no workspace {place.name!r} that the "
            f"token in {self._client.origin} may read{hint}."
        )

    def _organization(self) -> None:
        place = self._client.place
        try:
            self._client.once.organizations.read(place.organization)
        except refusals.NotFound:
            raise DeployError(
                f"{place.host} has no organization {place.organization!r} that the token in "
                f"{self._client.origin} may read: correct --organization, or use another token."
            ) from None

    def facts(self, workspace: Workspace) -> WorkspaceFacts:
        """Returns what matters of a workspace."""
        rights = workspace.permissions
        repository = workspace.vcs_repo
        return WorkspaceFacts(
            execution_mode=workspace.execution_mode.value if workspace.execution_mode else "remote",
            terraform_version=workspace.terraform_version or "latest",
            holder=self.holder(workspace) if workspace.locked else None,
            repository=(repository.identifier or "its own") if repository else None,
            may_plan=rights.can_queue_run if rights else True,
            may_apply=rights.can_queue_apply if rights else True,
            may_set_variables=rights.can_update_variable if rights else True,
        )

    def holder(self, workspace: Workspace) -> str:
        """Returns who holds the lock of a workspace, as it reads in a sentence."""
        choice = workspace.locked_by
        if choice is None:
            return "somebody"
        if choice.run:
            return f"the run {choice.run}"
        if choice.team:
            return f"the team {choice.team}"
        try:
            return f"the user {self._client.once.users.read(str(choice.user)).username or choice.user}"
        except (refusals.TFEError, ValueError):
            return f"the user {choice.user}"

    def set_variables(self, workspace_id: str, variables: Sequence[RunVariable]) -> list[str]:
        """Sets variables of a workspace; returns the names of those that were not as they should be."""
        with self._client.told("set the workspace's variables"):
            known = {
                (found.category, found.key): found for found in self._client.once.variables.list(workspace_id)
            }
            changed = []
            for variable in variables:
                category = CategoryType(variable.category)
                there = known.get((category, variable.name))
                # The value of a sensitive one cannot be read, so it is always set.
                if there and not there.sensitive and not variable.sensitive and there.value == variable.value:
                    continue
                changed.append(variable.name)
                values: dict[str, Any] = {
                    "key": variable.name,
                    "value": variable.value,
                    "category": category,
                    "hcl": False,
                    "sensitive": variable.sensitive or bool(there and there.sensitive),
                }
                if there and there.id:
                    self._client.once.variables.update(
                        workspace_id, there.id, VariableUpdateOptions(**values)
                    )
                else:
                    self._client.once.variables.create(workspace_id, VariableCreateOptions(**values))
        return changed

    def upload(self, workspace_id: str, folder: Path, *, speculative: bool) -> str:
        """Uploads a configuration; returns the id of its version once it can be run."""
        with self._client.told("take the configuration"):
            version = self._client.once.configuration_versions.create(
                workspace_id,
                ConfigurationVersionCreateOptions.model_validate(
                    {"auto_queue_runs": False, "speculative": speculative}
                ),
            )
            self._client.once.configuration_versions.upload(str(version.upload_url), str(folder))
            deadline = time.monotonic() + UPLOAD_SECONDS
            while version.status != "uploaded":
                if version.status == "errored" or time.monotonic() > deadline:
                    status = version.status.value if version.status else "unknown"
                    reason = version.error_message or f"it is {status} after {UPLOAD_SECONDS:g} s"
                    raise DeployError(
                        f"{self._client.place.host} cannot use the uploaded configuration ({reason}).", code=1
                    )
                time.sleep(self._client.interval_seconds)
                version = self._client.patient.configuration_versions.read(version.id)
        return version.id

    def archive(self, version_id: str) -> None:
        """Throws an uploaded configuration away that no run uses, if that can be done."""
        try:
            self._client.once.configuration_versions.archive(version_id)
        except (refusals.TFEError, ValueError):
            return
