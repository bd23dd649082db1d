"""Where Terraform keeps its state, as the settings say it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

_KINDS = ("path", "account", "organization")
# So that there is room in the name of a bucket for `-remote-state-files`.
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9-]{0,43}")
_OF_CLOUD = re.compile(r"[A-Za-z0-9_-]+")


class StateSettings(BaseModel):
    """Where Terraform keeps its state: exactly one of a path, a bucket and Terraform Cloud.

    Args:
        path: A local file, relative to the repository.
        account: The name of the account whose bucket `<account>-remote-state-files` is used, the Kids First
            convention.
        organization: The organization in Terraform Cloud.
        workspace: The workspace there. The stack's name if left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path | None = None
    account: str | None = None
    organization: str | None = None
    workspace: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(
                f"{' and '.join(given) or 'nothing'} is set: allowed is exactly one of {', '.join(_KINDS)}"
            )
        if self.workspace is not None and self.organization is None:
            raise ValueError(
                "workspace is set without organization: allowed is a workspace of an organization"
            )
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
