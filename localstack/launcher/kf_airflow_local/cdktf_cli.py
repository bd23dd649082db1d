"""The cdktf command line, deploying this project to LocalStack with whatever provider there is."""

import os
import shlex
import sys

from kf_airflow_local import synthesis, terraform
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.record import Record
from kf_airflow_local.workspace import Workspace

WITHOUT_LOCK = {"deploy", "destroy", "diff"}
"""Commands that would ask the registry for the hashes of providers, for every platform."""


def cdktf_command(*arguments: str) -> list[str]:
    """Return the command that does this with the local environment: ``deploy``, ``airflow-local``, ...

    Args:
        arguments: Arguments of ``cdktf``.
    """
    app = shlex.join([sys.executable, "-m", "kf_airflow_local", "cdktf-app"])
    lock = ["--skip-provider-lock"] if arguments[0] in WITHOUT_LOCK else []
    # Below the local state, so that nox -s down removes it too.
    output = ["--output", str(Workspace().local.relative_to(Workspace().root) / "cdktf")]
    return ["npx", "--no-install", "cdktf", *arguments, "--app", app, *output, *lock]


def cdktf_environment(workspace: Workspace | None = None) -> dict[str, str]:
    """Return the environment to run ``cdktf_command`` in.

    Args:
        workspace: Where the local system is. Left out, this repository's.
    """
    workspace = workspace or Workspace()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **terraform.environment(inherited, workspace),
        # Telemetry and the question for a newer version; each waits for an answer, also where none can come.
        "CHECKPOINT_DISABLE": "1",
        "DISABLE_VERSION_CHECK": "1",
        # A cache of its own would be made below the user's home, and asks the registry which version it may
        # serve.
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        "CI": "1",
    }


def write_app(workspace: Workspace, output: str) -> None:
    """Be the ``--app`` of cdktf: synthesize the local environment, adapted to the provider that ``up`` found.

    Args:
        workspace: Where the local system is.
        output: Directory that cdktf wants the stack in.

    Raises:
        LauncherError: When there is no local system.
    """
    record = Record.read(workspace)
    if record is None:
        raise LauncherError("There is no local system to deploy to: nox -s up brings it up.")
    path = workspace.root / output
    document = synthesis.synthesize(workspace, record.image, path)
    adapted = synthesis.for_source(document, old=record.old_provider, state=str(workspace.state))
    synthesis.write(adapted, synthesis.stack_file(path))
