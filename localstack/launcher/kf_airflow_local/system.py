"""Everything that there is of the local system on this machine, and how it goes."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker

from kf_airflow_local import leftovers, terraform
from kf_airflow_local.aws import LocalAws
from kf_airflow_local.localstack import Ports
from kf_airflow_local.synthesis import LocalConfiguration
from kf_airflow_local.workspace import Workspace


@dataclass(frozen=True)
class System:
    """The local system of one repository.

    Args:
        workspace: Where it keeps its files.
        configuration: Its addresses.
    """

    workspace: Workspace
    configuration: LocalConfiguration

    @classmethod
    def of(cls, workspace: Workspace) -> "System":
        """Return the system that config/local.toml describes.

        Raises:
            LauncherError: When that file is not as it should be.
        """
        return cls(workspace, LocalConfiguration.read(workspace.root))

    @property
    def ports(self) -> Ports:
        """The ports it is reached at."""
        return Ports.of(self.configuration.endpoint_url, self.configuration.base_url)

    @property
    def aws(self) -> LocalAws:
        """Clients of its LocalStack."""
        return LocalAws(self.configuration.endpoint_url)

    @property
    def smoke_record(self) -> Path:
        """Where the smoke run is recorded."""
        return self.workspace.local / "smoke.json"

    def outputs(self) -> dict[str, Any]:
        """Return Terraform's outputs; an empty dictionary where nothing is deployed."""
        if not self.workspace.state.is_file():
            return {}
        return terraform.outputs(terraform.Terraform(self.workspace, lambda _: None))

    def remove(self, client: docker.DockerClient, say: Callable[[str], None]) -> None:
        """Remove the containers, volumes and networks, and all local state but the certificate authority.

        Args:
            client: The engine.
            say: Told what goes.
        """
        leftovers.remove_everything(client, say)
        self.forget()

    def forget(self) -> None:
        """Remove all local state but the certificate authority, which the stack's settings refer to."""
        if not self.workspace.local.is_dir():
            return
        for path in self.workspace.local.iterdir():
            if path == self.workspace.certificates:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
