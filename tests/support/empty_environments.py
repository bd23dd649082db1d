"""Environments that have nothing but what is installed into them, by uv as `pip install` does."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

UV = Path(sys.executable).with_name("uv")


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Args:
        folder: Where it is.
    """

    folder: Path

    @classmethod
    def with_installed(cls, folder: Path, requirement: str) -> "Environment":
        """Makes one, and installs a requirement with what that requires."""
        environment = cls(folder)
        _run([UV, "venv", "--quiet", "--python", sys.executable, folder])
        _run([UV, "pip", "install", "--quiet", "--python", environment.python, requirement])
        return environment

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin/python"

    def run(self, program: Path, **variables: str) -> str:
        """Runs a program where nothing of this repository is to be found; returns what it printed."""
        return _run([self.python, "-I", program], cwd=program.parent, **variables)


def _run(command: list[str | Path], cwd: Path | None = None, **variables: str) -> str:
    kept: Mapping[str, str] = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KF_AIRFLOW_"))
    }
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
