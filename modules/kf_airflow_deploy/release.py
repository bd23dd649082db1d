"""``release``: a version with its changelog, commit, image, bill of materials and tag."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kf_airflow_deploy import publishing

if TYPE_CHECKING:
    from kf_airflow_deploy.command_line import Subparsers

BRANCH = "main"


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser("release", allow_abbrev=False, help="Release a version.")
    parser.add_argument(
        "version", help="The version, which is the tag as well: three numbers, such as 1.2.0."
    )
    parser.add_argument(
        "--branch", default=BRANCH, help=f"The branch that is released. {BRANCH} if left out."
    )
    parser.add_argument(
        "--check", action="store_true", help="Only check whether the version can be released now."
    )
    publishing.add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Release a version.

    Raises:
        DeployError: When something is not as it has to be, or does not work. Nothing is half done then.
    """
    # Only now: these take a second to import, which no other command should wait for.
    from kf_airflow_deploy import quality, release_checks, release_image, release_stack, release_steps
    from kf_airflow_deploy.git import Repository
    from kf_airflow_deploy.image_publication import ImagePublication

    repository = Repository(Path.cwd())
    today = datetime.now(UTC).date()
    plan = release_checks.plan(repository, arguments.version, branch=arguments.branch, day=today)
    folder = publishing.FOLDER / plan.version
    publication = ImagePublication(
        repository, release_image.client(), publishing.registry(arguments), folder, publishing.say
    )
    begun = release_steps.begun(plan, publication)
    quality.ensure(repository, publishing.FOLDER / "passed", publishing.say)
    if arguments.check:
        publishing.say(f"{plan.version} can be released")
        return 0
    if begun is None:
        plan.files.update(release_stack.files(repository.root, plan.version))
    publishing.tell(release_steps.carry_out(plan, publication, begun), arguments.output)
    return 0
