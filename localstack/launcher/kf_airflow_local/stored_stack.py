"""The stack of a release as a file: what an upgrade begins with, in the test of it.

It is Terraform's JSON as it was synthesized for the local system, without what differs from one machine to
the next: the image and the local certificate authority are filled in when it is read.
"""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kf_airflow_local import certificates, synthesis
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.images import AIRFLOW
from kf_airflow_local.workspace import Workspace

FOLDER = Path("tests/upgrade")
ENDING = ".tf.json"

_CA_VARIABLE = "KF_AIRFLOW_CA_CERTIFICATES"
_IMAGE = "<image>"
_CA = "<ca certificates>"


def store_own(workspace: Workspace) -> Path:
    """Synthesize the working tree's stack and store it as that of its version, in place of the one before.

    Args:
        workspace: Where the repository is.

    Returns:
        The file.
    """
    release = version("kf-airflow")
    text = own(workspace, release)
    folder = workspace.root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for before in folder.glob(f"*{ENDING}"):
        before.unlink()
    path = folder / f"{release}{ENDING}"
    path.write_text(text)
    return path


def own(workspace: Workspace, release: str) -> str:
    """Synthesize the working tree's stack, and return it as it is stored.

    Args:
        workspace: Where the repository is.
        release: The version it is the stack of.
    """
    certificates.ensure_authority(workspace.certificates)
    output = workspace.root / "build" / "synth" / "stored"
    document = synthesis.synthesize(workspace, f"{AIRFLOW.name}:{release}", output)
    return json.dumps(portable(document), indent=1, sort_keys=True) + "\n"


def portable(document: dict[str, Any]) -> dict[str, Any]:
    """Return a synthesized stack without what belongs to this machine, or is CDKTF's own.

    Args:
        document: The stack.
    """
    kept: dict[str, Any] = _without_comments(document)
    del kept["terraform"]["backend"]

    def blank(container: dict[str, Any]) -> None:
        container["image"] = _IMAGE
        for variable in container["environment"]:
            if variable["name"] == _CA_VARIABLE:
                variable["value"] = _CA

    _change_containers(kept, blank)
    return kept


def read(path: Path, image: str, authority: Path) -> dict[str, Any]:
    """Return a stored stack, as if it had been synthesized here.

    Args:
        path: Its file.
        image: The image that its containers run.
        authority: The folder of the local certificate authority.

    Raises:
        LauncherError: When the file is no stored stack.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_text())
        certificate = certificates.ensure_authority(authority).read_text()

        def fill(container: dict[str, Any]) -> None:
            container["image"] = image
            for variable in container["environment"]:
                if variable["value"] == _CA:
                    variable["value"] = certificate

        _change_containers(document, fill)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LauncherError(f"{path} is no stored stack ({type(error).__name__}: {error}).") from error
    return document


def newest(root: Path) -> Path:
    """Return the one stored stack of a repository.

    Raises:
        LauncherError: When there is none, or more than one.
    """
    found = sorted((root / FOLDER).glob(f"*{ENDING}"))
    if len(found) != 1:
        raise LauncherError(
            f"{root / FOLDER} has {len(found)} stored stacks: allowed is one, that of the last release "
            "(python -m kf_airflow_local store-stack)."
        )
    return found[0]


def _change_containers(document: dict[str, Any], change: Callable[[dict[str, Any]], None]) -> None:
    """Change every container that runs our image, or did when it was synthesized."""
    for definition in document["resource"]["aws_ecs_task_definition"].values():
        containers = json.loads(definition["container_definitions"])
        for container in containers:
            change(container)
        definition["container_definitions"] = json.dumps(containers)


def _without_comments(value: Any) -> Any:
    """Leave out CDKTF's notes, which Terraform does not read."""
    if isinstance(value, dict):
        return {name: _without_comments(one) for name, one in value.items() if name != "//"}
    return [_without_comments(one) for one in value] if isinstance(value, list) else value
