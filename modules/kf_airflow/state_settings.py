"""Where Terraform keeps its state, as the settings say it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_KINDS = ("path", "account", "organization")
_OF_ORGANIZATION = ("workspace", "hostname", "project", "variables")
# So that there is room in the name of a bucket for `-remote-state-files`.
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,43}")
_OF_CLOUD = re.compile(r"[A-Za-z0-9_-]+")
# Projects may have spaces, too.
_PROJECT = re.compile(r"[A-Za-z0-9_-]+( [A-Za-z0-9_-]+)*")
_HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class StateSettings(BaseModel):
    """Where Terraform keeps its state: exactly one of a path, a bucket and Terraform Cloud.

    Args:
        path: A local file, relative to the repository.
        account: The name of the account whose bucket `<account>-remote-state-files` is used, the Kids First
            convention.
        organization: The organization in Terraform Cloud.
        workspace: The workspace there. The stack's name if left out.
        hostname: Where Terraform Enterprise is. Terraform Cloud, `app.terraform.io`, if left out.
        project: The project of Terraform Cloud in which `terraform init` makes a workspace that is not there
            yet. The organization's default one if left out.
        variables: Environment variables that `nox -s tfc` gives the workspace's runs, such as
            `TFC_AWS_RUN_ROLE_ARN`. Everybody who reads the workspace sees them: no secrets. None if left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path | None = None
    account: str | None = None
    organization: str | None = None
    workspace: str | None = None
    hostname: str | None = None
    project: str | None = None
    variables: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(
                f"{' and '.join(given) or 'nothing'} is set: allowed is exactly one of {', '.join(_KINDS)}"
            )
        for key in _OF_ORGANIZATION:
            if self.organization is None and getattr(self, key):
                raise ValueError(f"{key} is set without organization: allowed is it beside organization")
        return self

    @model_validator(mode="after")
    def _possible(self) -> Self:
        # `.` is what pydantic makes of an empty text.
        if self.path is not None and (not self.path.name or "\0" in str(self.path)):
            raise ValueError(f"path is {str(self.path)!r}: allowed is the path of a file")
        if self.account is not None and not _ACCOUNT.fullmatch(self.account):
            raise ValueError(
                f"account is {self.account!r}: allowed are lower-case letters, digits and hyphens, "
                "at most 44 characters, as it begins the name of a bucket"
            )
        for key in ("organization", "workspace"):
            value = getattr(self, key)
            if value is not None and not _OF_CLOUD.fullmatch(value):
                raise ValueError(f"{key} is {value!r}: allowed are letters, digits, hyphens and underscores")
        return self

    @model_validator(mode="after")
    def _possible_in_cloud(self) -> Self:
        if self.hostname is not None and not _HOSTNAME.fullmatch(self.hostname):
            raise ValueError(
                f"hostname is {self.hostname!r}: allowed is a host such as tfe.example.org, without https://"
            )
        if self.project is not None and not _PROJECT.fullmatch(self.project):
            raise ValueError(
                f"project is {self.project!r}: allowed are letters, digits, hyphens, underscores and spaces "
                "between them"
            )
        for name in self.variables:
            if not _VARIABLE.fullmatch(name):
                raise ValueError(
                    f"variables has the key {name!r}: allowed are letters, digits and underscores, "
                    "no digit first"
                )
        return self
