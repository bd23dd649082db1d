"""``released``: which version was released, and as what image; its tag says so."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

from kf_airflow_deploy import publishing, release_version
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.git import Repository

if TYPE_CHECKING:
    from kf_airflow_deploy.command_line import Subparsers


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "released", allow_abbrev=False, help="Print a version that was released, and its image."
    )
    parser.add_argument("version", nargs="?", help="The version. The newest if left out.")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="A file that gets the lines version=<version> and image=<reference>, such as $GITHUB_OUTPUT.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print version and image.

    Raises:
        DeployError: When there is no such release.
    """
    repository = Repository(Path.cwd())
    version = arguments.version or newest(repository)
    lines = f"version={version}\nimage={image_of(repository, version)}\n"
    sys.stdout.write(lines)
    if arguments.output is not None:
        publishing.append(arguments.output, lines)
    return 0


def newest(repository: Repository) -> str:
    """Return the newest version that was released.

    Raises:
        DeployError: When none was, as far as this clone knows.
    """
    versions = release_version.released(repository.tags())
    if not versions:
        raise DeployError("Nothing was released: this clone has no tag that is a version (git fetch --tags).")
    return str(max(versions))


def image_of(repository: Repository, version: str) -> str:
    """Return the image of a version, as its tag names it.

    Raises:
        DeployError: When there is no such tag, or it names no image.
    """
    if version not in repository.tags():
        near = ", ".join(map(str, sorted(release_version.released(repository.tags()), key=_age)[:3]))
        raise DeployError(f"{version} was not released: the newest releases are {near or 'none'}.")
    said = repository.run("tag", "--list", "--format=%(contents)", version)
    found = re.search(r"^\S+@sha256:[0-9a-f]{64}$", said, re.MULTILINE)
    if found is None:
        raise DeployError(f"The tag {version} names no image: nox -s release did not make it.")
    return found.group()


def _age(version: Version) -> tuple[int, ...]:
    return tuple(-number for number in version.release)
