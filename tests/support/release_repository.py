"""A copy of this repository that has a remote, so that a release can be made of it."""

import shutil
import subprocess
from pathlib import Path

from project import ROOT

from kf_airflow_deploy.git import Repository


def git(folder: Path, *arguments: str) -> str:
    """Runs git there and returns what it printed."""
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def small_repository(folder: Path, **files: str) -> Repository:
    """Makes a repository with what a release changes, on main, with a remote `origin` that has it all."""
    tree = folder / "clone"
    for path, text in {
        "CHANGELOG.md": "# Changelog\n\n## Unreleased\n- Pools.\n\n## 0.1.0 - 2026-01-01\n- First.\n",
        "pyproject.toml": '[project]\nname = "kf-airflow"\nversion = "0.1.0"\n',
        "docker/runtime/pyproject.toml": '[project]\nname = "kf-airflow-runtime"\nversion = "0.1.0"\n',
        "docker/requirements.lock": "celery==5.6.0 \\\n    --hash=sha256:0\n",
        ".gitignore": "/build/\n",
        **files,
    }.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    return _committed(folder, tree)


def copied_repository(folder: Path) -> Repository:
    """Makes a repository of the files that this one has, changes that are not committed included."""
    tree = folder / "clone"
    for path in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / path).is_file():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tree / path)
    return _committed(folder, tree)


def _committed(folder: Path, tree: Path) -> Repository:
    remote = folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "config", "user.name", "Releaser")
    git(tree, "config", "user.email", "releaser@example.org")
    git(tree, "config", "commit.gpgsign", "false")
    git(tree, "config", "tag.gpgsign", "false")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "All of it")
    git(tree, "remote", "add", "origin", str(remote))
    git(tree, "push", "--quiet", "--set-upstream", "origin", "main")
    return Repository(tree)
