"""Lint, types and unit tests: run before a release, once for the same files."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.git import Repository

SESSIONS = ("lint", "types", "unit")


def ensure(repository: Repository, passed: Path, say: Callable[[str], None]) -> None:
    """Make sure that the sessions pass on what is checked out.

    Args:
        repository: The repository.
        passed: The file that keeps the tree on which they passed last.
        say: Told what happens.

    Raises:
        DeployError: When one fails. It has said why by then.
    """
    tree = repository.run("rev-parse", "HEAD^{tree}")
    if passed.is_file() and passed.read_text() == tree:
        say(f"{', '.join(SESSIONS)} have passed on these files before")
        return
    say(f"running {', '.join(SESSIONS)}")
    command = [sys.executable, "-m", "nox", "--sessions", *SESSIONS]
    if subprocess.run(command, cwd=repository.root, check=False).returncode:
        raise DeployError(
            f"A release needs {', '.join(SESSIONS)} to pass: run nox, correct what it says, "
            "commit and push that."
        )
    passed.parent.mkdir(parents=True, exist_ok=True)
    passed.write_text(tree)
