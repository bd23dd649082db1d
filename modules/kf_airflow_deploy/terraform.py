"""Terraform on this machine, driven by python-terraform; what goes wrong is told to people."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from python_terraform import IsFlagged
from python_terraform import Terraform as PythonTerraform

from kf_airflow_deploy.errors import DeployError

PLAN = "plan.tfplan"
CHANGES = 2
"""Exit code of a plan that has changes to make."""
# Of the resources that wait for each other nearly none compute anything: they wait for the API.
_PARALLELISM = 30


class Terraform(PythonTerraform):  # type: ignore[misc]
    """Terraform in a folder.

    Args:
        folder: The folder with the configuration.
        environment: What it runs in.
    """

    def __init__(self, folder: Path, *, environment: Mapping[str, str]) -> None:
        self._environment = {**environment, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        super().__init__(working_dir=str(folder))

    def read_state_file(self, file_path: str | None = None) -> None:
        """Leaves the state to Terraform, wherever it is."""

    def cmd(self, cmd: str, *args: str, **kwargs: Any) -> tuple[int, str, str]:
        """Runs a command, as python-terraform's own `cmd` does, in the environment that was given."""
        process = subprocess.Popen(
            self.generate_cmd_string(cmd, *args, **kwargs),
            cwd=self.working_dir,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            output, errors = process.communicate()
        except KeyboardInterrupt:
            # The terminal interrupts Terraform too, which gives its lock back before it ends.
            process.communicate()
            raise
        finally:
            self.temp_var_files.clean_up()
        return process.returncode, output, errors


def initialize(terraform: Terraform) -> None:
    """Gets the folder ready: providers and backend.

    Raises:
        DeployError: in Terraform's own words.
    """
    # Which versions may be used is said by the stack; a lock of another provider source is only in the way.
    Path(terraform.working_dir, ".terraform.lock.hcl").unlink(missing_ok=True)
    code, output, errors = terraform.init()
    if code:
        raise DeployError(f"Terraform cannot use the stack: {explain(output, errors)}")


def plan(terraform: Terraform, *, lock_seconds: int) -> bool:
    """Compares the stack with what is deployed; returns whether there is anything to change.

    Args:
        terraform: Terraform.
        lock_seconds: How long to wait for somebody else's lock.

    Raises:
        DeployError: if somebody holds the lock; else in Terraform's own words.
    """
    code, output, errors = terraform.plan(
        detailed_exitcode=IsFlagged,
        refresh=True,
        out=PLAN,
        parallelism=_PARALLELISM,
        lock_timeout=f"{lock_seconds}s",
        compact_warnings=IsFlagged,
    )
    if code in {0, CHANGES}:
        return bool(code == CHANGES)
    raise DeployError(locked(errors) or f"Terraform cannot plan the stack: {explain(output, errors)}")


def show(terraform: Terraform) -> str:
    """Returns the last plan as JSON.

    Raises:
        DeployError: in Terraform's own words.
    """
    code, output, errors = terraform.cmd("show", PLAN, json=IsFlagged)
    if code:
        raise DeployError(f"Terraform cannot show its plan: {explain(output, errors)}")
    return str(output)


def locked(errors: str) -> str | None:
    """Returns a sentence on who holds the lock, if that is what Terraform's errors tell of."""
    text = explain("", errors)
    if "Error acquiring the state lock" not in text:
        return None
    found = dict(re.findall(r"^\s*(ID|Path|Operation|Who|Created):[ \t]*(\S.*)$", text, re.MULTILINE))
    operation = found.get("Operation", "unknown").removeprefix("OperationType").lower()
    return (
        f"The state {found.get('Path', '')} is locked by {found.get('Who', 'somebody')} "
        f"({operation}, since {found.get('Created', 'some time')}): wait until that has ended; if it died, "
        f"`terraform force-unlock {found.get('ID', 'ID')}` takes its lock away."
    )


def explain(output: str, errors: str) -> str:
    """Returns Terraform's error messages, without the frame around them."""
    text = errors.strip() or output.strip()
    begin = text.find("Error:")
    lines = (text[begin:] if begin >= 0 else text).splitlines()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip("│╷╵ ") for line in lines)).strip()
