"""What an earlier ``up`` left behind, so that a later one knows what it finds."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from docker.models.containers import Container

from kf_airflow_local import localstack
from kf_airflow_local.workspace import Workspace


@dataclass(frozen=True)
class Record:
    """One local system.

    Args:
        localstack: Identity of the LocalStack that Terraform's state is about.
        image: Reference of the deployed Airflow image.
        provider: Where the AWS provider came from.
        old_provider: Whether the stack was adapted to the old provider.
        complete: Whether the last ``up`` came to its end.
    """

    localstack: str
    image: str
    provider: str = ""
    old_provider: bool = False
    complete: bool = False

    @classmethod
    def read(cls, workspace: Workspace) -> "Record | None":
        """Return the record of the last ``up``, or None where there is none that can be read."""
        path = _path(workspace)
        try:
            return cls(**json.loads(path.read_text())) if path.is_file() else None
        except (ValueError, TypeError):  # cut off while it was written, or of another version of this program
            return None

    def write(self, workspace: Workspace) -> None:
        """Keep the record."""
        path = _path(workspace)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def reason_to_start_over(
    container: Container | None, wanted: dict[str, object], record: Record | None
) -> str | None:
    """Say why what is there cannot be built upon; None where it can.

    Args:
        container: The LocalStack container, where there is one.
        wanted: The configuration it should run.
        record: What the last ``up`` left.
    """
    if record is None:
        return "no earlier system is known here"
    if container is None:
        return "LocalStack's container is gone, and with it everything that was deployed"
    if container.status != "running":
        return "LocalStack ended since"
    if localstack.identity(container) != record.localstack:
        return "LocalStack was made anew since, and has forgotten everything that was deployed"
    if not localstack.is_as_wanted(container, wanted):
        return "LocalStack, its extension or its ports have changed"
    if not record.complete:
        return "the last nox -s up did not come to its end"
    return None


def _path(workspace: Workspace) -> Path:
    return workspace.local / "system.json"
