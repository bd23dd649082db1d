"""The stack of an environment, synthesized as `cdktf synth` does it."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kf_airflow import Settings, SettingsError, load_settings
from kf_airflow_deploy.errors import DeployError

LOCAL = "local"
STACK_FILE = "cdk.tf.json"


@dataclass(frozen=True)
class Stack:
    """A synthesized stack.

    Args:
        name: Its name.
        folder: The folder with its document, and the assets that it refers to.
        document: The document: Terraform's configuration as JSON.
    """

    name: str
    folder: Path
    document: dict[str, Any]

    def with_terraform(self, **blocks: Any) -> Stack:
        """Returns the stack with blocks of `terraform` replaced, also in its file; None takes one away."""
        terraform = {**self.document["terraform"], **blocks}
        terraform = {name: block for name, block in terraform.items() if block is not None}
        document = {**self.document, "terraform": terraform}
        (self.folder / STACK_FILE).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        return Stack(self.name, self.folder, document)


def settings_of(environment: str, *, root: Path) -> Settings:
    """Returns the settings of an environment.

    Args:
        environment: Which: `config/<environment>.toml`.
        root: The folder of the project.

    Raises:
        DeployError: with a sentence for each mistake in them.
    """
    try:
        return load_settings(environment, root=root)
    except SettingsError as error:
        raise DeployError("\n".join(error.problems)) from error


def app_for(environment: str, *, root: Path, app: str | None) -> str:
    """Returns the command that synthesizes an environment.

    Args:
        environment: Which. The local system's launcher knows which provider it has, so that synthesizes it.
        root: The folder of the project.
        app: What the command line says. If left out, what `cdktf.json` has.

    Raises:
        DeployError: if the project names no command.
    """
    if app:
        return app
    if environment == LOCAL and importlib.util.find_spec("kf_airflow_local"):
        return shlex.join([sys.executable, "-m", "kf_airflow_local", "cdktf-app"])
    path = root / "cdktf.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["app"]
    except (OSError, ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str) or not found.strip():
        raise DeployError(
            f"{path} names no app that synthesizes the stack: run this in the project's folder, or give "
            "--app."
        )
    return found


def terraform_environment(environment: str, inherited: Mapping[str, str]) -> dict[str, str]:
    """Returns what Terraform runs in, for an environment: the local system has a provider of its own.

    Args:
        environment: Which.
        inherited: Our own.
    """
    if environment != LOCAL or not importlib.util.find_spec("kf_airflow_local"):
        return dict(inherited)
    from kf_airflow_local.terraform import environment as local_environment
    from kf_airflow_local.workspace import Workspace

    return local_environment(inherited, Workspace())


def synthesize(
    environment: str,
    *,
    root: Path,
    app: str,
    output: Path,
    stack: str | None = None,
) -> Stack:
    """Runs the app for an environment.

    Args:
        environment: Which: `KF_AIRFLOW_ENVIRONMENT`.
        root: The folder of the project, in which the app runs.
        app: The command.
        output: The folder to synthesize into; emptied first.
        stack: Which stack is wanted. If left out, there has to be exactly one.

    Raises:
        DeployError: if the app cannot be run, fails, or writes no such stack.
    """
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)  # cdktf makes a directory, not those above it
    try:
        done = subprocess.run(
            shlex.split(app),
            cwd=root,
            env={**os.environ, "KF_AIRFLOW_ENVIRONMENT": environment, "CDKTF_OUTDIR": str(output)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except (OSError, ValueError) as error:
        raise DeployError(f"The app {app!r} cannot be run ({error}): correct it in cdktf.json.") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or f"it ended with {done.returncode} and said nothing."
        before = "\n" if "\n" in said else " "
        raise DeployError(f"The stack could not be synthesized by {app!r}:{before}{said}")
    return read_stack(output, name=stack)


def read_stack(output: Path, *, name: str | None = None) -> Stack:
    """Returns a stack that was synthesized.

    Args:
        output: The folder it was synthesized into.
        name: Which. If left out, there has to be exactly one.

    Raises:
        DeployError: if it is not there.
    """
    try:
        stacks = json.loads((output / "manifest.json").read_text(encoding="utf-8"))["stacks"]
        paths = {each: output / stacks[each]["synthesizedStackPath"] for each in stacks}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeployError(
            f"There is no synthesized stack in {output}: the app has to call app.synth()."
        ) from error
    known = ", ".join(sorted(paths)) or "none"
    if name is None and len(paths) != 1:
        raise DeployError(f"The app synthesized {len(paths)} stacks ({known}): name one by --stack.")
    chosen = name or next(iter(paths))
    if chosen not in paths:
        raise DeployError(f"--stack is {chosen!r}: the app synthesized {known}.")
    path = paths[chosen]
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Stack(chosen, path.parent, document)
