"""Which workspace is meant, and where its API is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from kf_airflow.state_settings import StateSettings
from kf_airflow_deploy.errors import DeployError

TERRAFORM_CLOUD = "app.terraform.io"
_HERE = {"localhost", "127.0.0.1", "::1"}
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class CloudWorkspace:
    """A workspace in Terraform Cloud or Enterprise.

    Args:
        url: The address of the API.
        organization: The organization.
        name: The workspace's name.
    """

    url: str
    organization: str
    name: str

    @property
    def host(self) -> str:
        """The host, with its port where it has one."""
        return urlsplit(self.url).netloc

    @property
    def page(self) -> str:
        """The page of the workspace, for people."""
        return f"{self.url}/app/{self.organization}/workspaces/{self.name}"

    def block(self) -> dict[str, Any]:
        """Returns the block `cloud` of a stack that has its state there."""
        return {
            "hostname": self.host,
            "organization": self.organization,
            "workspaces": {"name": self.name},
        }


def cloud_workspace(
    *,
    hostname: str | None,
    organization: str | None,
    workspace: str | None,
    state: StateSettings,
    environment: Mapping[str, str],
    stack: str | None = None,
) -> CloudWorkspace:
    """Returns the workspace that is meant: by the command line first, then by the settings.

    Args:
        hostname: What the command line says of the host. `TFE_ADDRESS`, the settings or Terraform Cloud if
            left out.
        organization: What it says of the organization.
        workspace: What it says of the workspace.
        state: What the settings say.
        environment: The environment.
        stack: The stack's name, which is that of its workspace where nobody says anything else. If left out,
            somebody has to.

    Raises:
        DeployError: if no organization or no workspace is named, or a name or address cannot be one.
    """
    chosen = {
        "organization": organization or state.organization,
        "workspace": workspace or state.workspace or (stack if state.organization else None),
    }
    for what, value in chosen.items():
        if not value:
            raise DeployError(
                f"No {what} is named: give --{what}, or set {what} in [state] of the environment's settings."
            )
        if not _NAME.fullmatch(value):
            raise DeployError(f"--{what} is {value!r}: allowed are letters, digits, hyphens and underscores.")
    url = f"https://{hostname}" if hostname else environment.get("TFE_ADDRESS") or None
    return CloudWorkspace(
        url=_checked_url(url or f"https://{state.hostname or TERRAFORM_CLOUD}"),
        organization=str(chosen["organization"]),
        name=str(chosen["workspace"]),
    )


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not safe or not parts.hostname or parts.path.strip("/") or "@" in parts.netloc:
        # What stands before an @ may be a password.
        shown = url if "@" not in url else "an address with a login in it"
        raise DeployError(
            f"The address of Terraform Cloud is {shown}: allowed is https:// and a host, as the token is "
            "sent there (--hostname takes the host alone)."
        )
    return f"{parts.scheme}://{parts.netloc}"
