"""The stack of a release, with which the test of the next one's upgrade begins."""

from __future__ import annotations

from pathlib import Path

from kf_airflow_deploy.errors import DeployError
from kf_airflow_local import stored_stack
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.workspace import Workspace


def files(root: Path, version: str) -> dict[str, str | None]:
    """Return the files of a release's commit: its stack, and that of the release before, which goes.

    Args:
        root: The repository.
        version: The version.

    Raises:
        DeployError: When the stack cannot be synthesized.
    """
    before = sorted((root / stored_stack.FOLDER).glob(f"*{stored_stack.ENDING}"))
    try:
        text = stored_stack.own(Workspace(root), version)
    except LauncherError as error:
        raise DeployError(str(error)) from error
    path = stored_stack.FOLDER / f"{version}{stored_stack.ENDING}"
    return {**{str(old.relative_to(root)): None for old in before}, str(path): text}
