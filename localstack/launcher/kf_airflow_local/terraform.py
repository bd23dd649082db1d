"""Terraform, driven by python-terraform: logged, with progress by resource, quoted when it fails."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from python_terraform import IsFlagged, IsNotFlagged
from python_terraform import Terraform as PythonTerraform

from kf_airflow import plan_losses
from kf_airflow.plan_losses import Loss
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.provider import Source
from kf_airflow_local.workspace import Workspace

CLI_CONFIGURATION = "terraform.tfrc"
PLAN = "plan.tfplan"
CHANGES = 2
"""Exit code of a plan that has changes to make."""
PARALLELISM = 30
"""Of the resources that wait for each other nearly none compute anything: they wait for the API."""


class Terraform(PythonTerraform):  # type: ignore[misc]
    """python-terraform, with each line of output logged and told as it comes.

    Args:
        workspace: Where it works.
        say: Told what happens to each resource.
    """

    def __init__(self, workspace: Workspace, say: Callable[[str], None]) -> None:
        self.workspace = workspace
        self._say = say
        workspace.terraform.mkdir(parents=True, exist_ok=True)
        super().__init__(working_dir=str(workspace.terraform))

    def read_state_file(self, file_path: str | None = None) -> None:
        """Leave the state to Terraform, which tells in a sentence what is wrong with one it cannot read."""

    def cmd(self, cmd: str, *args: str, **kwargs: Any) -> tuple[int, str, str]:
        """Run a Terraform command, as python-terraform's own ``cmd`` does; its output goes to the log too."""
        kwargs.pop("capture_output", None)
        command = self.generate_cmd_string(cmd, *args, **kwargs)
        with self.workspace.log.open("a") as log:
            log.write(f"$ {' '.join(command)}\n")
            process = subprocess.Popen(
                command,
                cwd=self.working_dir,
                env=environment(os.environ, self.workspace),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            output: list[str] = []
            errors: list[str] = []
            # The outputs of Terraform are values, not something that happens.
            say = self._say if cmd != "output_cmd" else None
            readers = [
                threading.Thread(target=self._read, args=(process.stdout, output, log, say)),
                threading.Thread(target=self._read, args=(process.stderr, errors, log, None)),
            ]
            for reader in readers:
                reader.start()
            try:
                process.wait()
            except KeyboardInterrupt:
                # The terminal interrupts Terraform too: it saves its state and ends, and only then do we.
                self._say("interrupted: Terraform ends what it has begun (interrupt again to end it at once)")
                process.wait()
                raise
            finally:
                for reader in readers:
                    reader.join()
        self.temp_var_files.clean_up()
        return process.returncode, "".join(output), "".join(errors)

    def _read(
        self, stream: IO[str], lines: list[str], log: IO[str], say: Callable[[str], None] | None
    ) -> None:
        with stream:
            for line in stream:
                lines.append(line)
                log.write(line)
                log.flush()
                if say and (event := event_of(line)):
                    say(event)


def event_of(line: str) -> str | None:
    """Return what a line of output tells about a resource, or None."""
    events = "Creating|Creation complete|Modifying|Modifications complete|Destroying|Destruction complete"
    # Terraform tells every ten seconds what it waits for; once a minute is enough.
    waits = r"Still (?:creating|modifying|destroying)\.\.\. \[\d+m0?0s elapsed\]"
    found = re.match(rf"^(\S+): ({events}|{waits})", line)
    return f"{found.group(1)}: {found.group(2).lower()}" if found else None


def environment(inherited: Mapping[str, str], workspace: Workspace) -> dict[str, str]:
    """Return the environment that Terraform runs in.

    Args:
        inherited: The launcher's own.
        workspace: Where the CLI configuration of the chosen provider source is, if it needs one.
    """
    chosen = workspace.local / CLI_CONFIGURATION
    overrides = {"TF_CLI_CONFIG_FILE": str(chosen)} if chosen.is_file() else {}
    configured = inherited.get("TF_CLI_CONFIG_FILE")
    if configured and not Path(configured).expanduser().is_file():
        # Terraform would warn of it at every command.
        inherited = {name: value for name, value in inherited.items() if name != "TF_CLI_CONFIG_FILE"}
    return {**inherited, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", **overrides}


def choose(workspace: Workspace, source: Source) -> None:
    """Write the CLI configuration for a provider source, or leave the user's own in force."""
    configuration = workspace.local / CLI_CONFIGURATION
    configuration.unlink(missing_ok=True)
    if text := source.cli_configuration():
        configuration.parent.mkdir(parents=True, exist_ok=True)
        configuration.write_text(text)


def init(terraform: Terraform, workspace: Workspace) -> str | None:
    """Initialize the working directory.

    Returns:
        Terraform's error text, or None when it worked.
    """
    # Which versions may be used is said by the stack; a lock of another provider source would only be in the
    # way.
    (workspace.terraform / ".terraform.lock.hcl").unlink(missing_ok=True)
    code, output, errors = terraform.init(reconfigure=IsNotFlagged)
    return explain(output, errors) if code else None


def plan(terraform: Terraform) -> bool:
    """Compare the stack with what is deployed; returns whether there is anything to change.

    Raises:
        LauncherError: With Terraform's own words.
    """
    code, output, errors = terraform.plan(
        detailed_exitcode=IsFlagged, out=PLAN, parallelism=PARALLELISM, compact_warnings=IsFlagged
    )
    if code not in {0, CHANGES}:
        raise LauncherError(f"Terraform cannot plan the stack:\n{explain(output, errors)}")
    return bool(code == CHANGES)


def losses(terraform: Terraform) -> list[Loss]:
    """Return what the last plan would lose.

    Raises:
        LauncherError: With Terraform's own words.
    """
    # Past `cmd`, which logs: the plan as JSON has every secret of the state in clear.
    done = subprocess.run(
        ["terraform", "show", "-json", PLAN],
        cwd=terraform.working_dir,
        env=environment(os.environ, terraform.workspace),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LauncherError(f"Terraform cannot read its own plan:\n{explain('', done.stderr)}")
    return plan_losses.losses(json.loads(done.stdout))


def apply(terraform: Terraform) -> str:
    """Apply the last plan; returns Terraform's summary.

    Raises:
        LauncherError: With Terraform's own words.
    """
    code, output, errors = terraform.cmd(
        "apply", PLAN, no_color=IsFlagged, input=False, parallelism=PARALLELISM, compact_warnings=IsFlagged
    )
    if code:
        raise LauncherError(f"Terraform could not apply the stack:\n{explain(output, errors)}")
    Path(terraform.working_dir, PLAN).unlink(missing_ok=True)
    found = re.search(r"Resources: (.*)\.", output)
    return found.group(1) if found else "done"


def outputs(terraform: Terraform) -> dict[str, Any]:
    """Return the outputs of what is deployed; an empty dictionary where nothing is."""
    found = terraform.output() or {}
    return {name: output["value"] for name, output in found.items()}


def explain(output: str, errors: str) -> str:
    """Return Terraform's error messages, without the frame around them."""
    text = errors.strip() or output.strip()
    begin = text.find("Error:")
    lines = (text[begin:] if begin >= 0 else text).splitlines()
    kept = [line.strip("│╷╵ ") for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
