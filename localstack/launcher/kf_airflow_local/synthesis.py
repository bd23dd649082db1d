"""The stack of the local environment, synthesized as everywhere else."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kf_airflow_local import adapter, provider, terraform
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.workspace import Workspace

ENVIRONMENT = "local"
STACK = f"airflow-{ENVIRONMENT}"


@dataclass(frozen=True)
class LocalConfiguration:
    """What the launcher has to know of config/local.toml.

    Args:
        endpoint_url: Address of LocalStack's API.
        base_url: Address of Airflow's UI.
    """

    endpoint_url: str
    base_url: str

    @classmethod
    def read(cls, root: Path) -> "LocalConfiguration":
        """Read config/local.toml.

        Raises:
            LauncherError: When it is missing, malformed, or lacks one of the two addresses.
        """
        path = root / "config" / f"{ENVIRONMENT}.toml"
        try:
            settings = tomllib.loads(path.read_text())
            found = cls(endpoint_url=settings["aws"]["endpoint_url"], base_url=settings["base_url"])
        except FileNotFoundError:
            raise LauncherError(f"{path} is missing: restore it from git.") from None
        except tomllib.TOMLDecodeError as error:
            raise LauncherError(f"{path} is not valid TOML: {error}.") from error
        except KeyError as error:
            raise LauncherError(f"{path} lacks {error.args[0]}, which the local system needs.") from error
        for name, value in vars(found).items():
            if not re.fullmatch(r"https?://(localhost|127\.0\.0\.1)(:\d+)?/?", str(value)):
                raise LauncherError(
                    f"{path} has {name} = {value!r}; the local system is reached at http://localhost:<port>."
                )
        return found


def synthesize(workspace: Workspace, image: str, output: Path) -> dict[str, Any]:
    """Run main.py for the local environment.

    Args:
        workspace: Where the repository is.
        image: Reference of the Airflow image.
        output: Directory to synthesize into.

    Returns:
        The synthesized stack.

    Raises:
        LauncherError: With what main.py said, when it fails.
    """
    environment = {
        **os.environ,
        "KF_AIRFLOW_ENVIRONMENT": ENVIRONMENT,
        "KF_AIRFLOW_IMAGE": image,
        "CDKTF_OUTDIR": str(output),
    }
    output.mkdir(parents=True, exist_ok=True)  # cdktf makes a directory, not those above it
    done = subprocess.run(
        [sys.executable, "main.py"],
        cwd=workspace.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LauncherError(f"The stack could not be synthesized:\n{(done.stderr or done.stdout).strip()}")
    document: dict[str, Any] = json.loads(stack_file(output).read_text())
    return document


def stack_file(output: Path) -> Path:
    """Return where a synthesized stack is."""
    return output / "stacks" / STACK / "cdk.tf.json"


def provider_version(document: dict[str, Any]) -> str:
    """Return the version of the AWS provider that a stack asks for."""
    required = document["terraform"]["required_providers"]["aws"]
    if required["source"] not in {"aws", "hashicorp/aws", provider.ADDRESS}:
        raise LauncherError(
            f"The stack takes its AWS provider from {required['source']}, not from {provider.ADDRESS}."
        )
    return str(required["version"])


def for_source(document: dict[str, Any], *, old: bool, state: str) -> dict[str, Any]:
    """Return the stack as it is given to Terraform.

    Args:
        document: The synthesized stack.
        old: Whether only the old provider is to be had.
        state: Path of the state. In the working directory itself it has to be relative: Terraform takes an
            absolute path for another place, moves the state there at ``init``, and then removes it from here.
    """
    adapted = adapter.adapt(document) if old else document
    backend = {"local": {"path": state}}
    return {**adapted, "terraform": {**adapted["terraform"], "backend": backend}}


def write(document: dict[str, Any], path: Path) -> None:
    """Write a stack for Terraform."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n")


def initialize(workspace: Workspace, document: dict[str, Any], say: Callable[[str], None]) -> provider.Source:
    """Give the stack to Terraform with the first provider source that it can use.

    Args:
        workspace: Where Terraform works.
        document: The synthesized stack.
        say: Told what is tried.

    Returns:
        The source.

    Raises:
        LauncherError: With what Terraform said of each, when none can be used.
    """
    failures = []
    for source in provider.sources(os.environ, provider_version(document)):
        say(f"AWS provider from {source.name}")
        stack = for_source(document, old=source.old, state=workspace.state.name)
        write(stack, workspace.terraform / "cdk.tf.json")
        terraform.choose(workspace, source)
        failure = terraform.init(terraform.Terraform(workspace, lambda _: None), workspace)
        if failure is None:
            return source
        failures.append(f"{source.name}: {failure}")
    raise LauncherError("Terraform cannot use any AWS provider:\n" + "\n".join(failures))
