"""What the commands that publish an image have in common: arguments, and where things go."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kf_airflow_deploy.registry import Registry

FOLDER = Path("build/release")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say where an image goes and what hears of it."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--repository",
        default="kf-airflow",
        help="The repository in ECR, of the AWS account in use. kf-airflow if left out.",
    )
    place.add_argument(
        "--registry",
        metavar="HOST/REPOSITORY",
        help="A repository of another registry, to which docker login has been done. ECR's if left out.",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="A file that gets a line image=<reference>, such as $GITHUB_OUTPUT. None if left out.",
    )


def registry(arguments: argparse.Namespace) -> Registry:
    """Return where the image goes."""
    from docker.auth import load_config

    from kf_airflow_deploy import ecr
    from kf_airflow_deploy.registry import Login, Registry

    if arguments.registry is None:
        return ecr.repository(arguments.repository)
    host = arguments.registry.partition("/")[0]
    known = load_config().resolve_authconfig(host) or {}
    login = Login(known["username"], known["password"]) if known.get("username") else None
    return Registry(arguments.registry, login)


def tell(reference: str, output: Path | None) -> None:
    """Print the image's reference, and write it where another program reads it."""
    sys.stdout.write(f"{reference}\n")
    if output is not None:
        append(output, f"image={reference}\n")


def append(path: Path, lines: str) -> None:
    """Add lines to a file, which is made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(lines)


def say(text: str) -> None:
    """Tell what happens, apart from the result."""
    sys.stderr.write(f"{text}\n")
