"""``publish``: the image of the commit that is checked out, for dev and qa."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kf_airflow_deploy import publishing
from kf_airflow_deploy.errors import DeployError

if TYPE_CHECKING:
    from kf_airflow_deploy.command_line import Subparsers


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "publish",
        allow_abbrev=False,
        help="Build the image of this commit and push it, tagged with 7 characters of the commit.",
    )
    publishing.add_arguments(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Publish the image of the commit that is checked out, unless it is there already.

    Raises:
        DeployError: When there are changes that no commit has, or the image cannot be built or pushed.
    """
    # Only now: these take a second to import, which no other command should wait for.
    from kf_airflow_deploy import release_image
    from kf_airflow_deploy.git import Repository
    from kf_airflow_deploy.image_publication import ImagePublication
    from kf_airflow_deploy.release_checks import unfinished

    repository = Repository(Path.cwd())
    if problem := unfinished(repository):
        raise DeployError(problem)
    commit = repository.head()
    tag = commit[:7]
    publication = ImagePublication(
        repository,
        release_image.client(),
        publishing.registry(arguments),
        publishing.FOLDER / tag,
        publishing.say,
    )
    digest = publication.registry.digest(tag)
    if digest is None:
        image = publication.build(commit, tag)
        digest = publication.push(image, tag)
        publication.describe(image, commit=commit, tag=tag, digest=digest)
    else:
        publishing.say(f"{publication.registry.address}:{tag} is there already")
    publishing.tell(publication.reference(tag, digest), arguments.output)
    return 0
