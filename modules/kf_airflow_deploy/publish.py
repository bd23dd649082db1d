"""``publish``: the image of the commit that is checked out, for dev and qa."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kf_airflow_deploy import publishing, release_version
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.released import image_of

if TYPE_CHECKING:
    from kf_airflow_deploy.command_line import Subparsers
    from kf_airflow_deploy.git import Repository


def add_to(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "publish",
        allow_abbrev=False,
        help="Build the image of this commit and push it, tagged with 7 characters of the commit.",
    )
    publishing.add_arguments(parser)
    parser.add_argument(
        "--look",
        action="store_true",
        help="Build nothing: say where the image is, or fail.",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Publish the image of the commit that is checked out, unless it is there already.

    That of a commit that was released is the release's.

    Raises:
        DeployError: When there are changes that no commit has, or the image cannot be built or pushed.
    """
    # Only now: these take a second to import, which no other command should wait for.
    from kf_airflow_deploy.git import Repository
    from kf_airflow_deploy.release_checks import unfinished

    repository = Repository(Path.cwd())
    if problem := unfinished(repository):
        raise DeployError(problem)
    released = release_version.released(repository.tags_at("HEAD"))
    of_release = image_of(repository, str(max(released))) if released else None
    reference = of_release or _published(repository, arguments)
    publishing.tell(reference, arguments.output)
    return 0


def _published(repository: Repository, arguments: argparse.Namespace) -> str:
    """Return the reference of the commit's image, which is in the registry then."""
    from kf_airflow_deploy import release_image, sbom
    from kf_airflow_deploy.image_publication import ImagePublication

    commit = repository.head()
    tag = commit[:7]
    registry = publishing.registry(arguments)
    digest = registry.digest(tag)
    if arguments.look:
        if digest is None:
            raise DeployError(f"{registry.address} has no {tag}: nox -s publish puts the image there.")
        return f"{registry.address}:{tag}@{digest}"
    if digest is not None and any(
        found.get("artifactType") == sbom.MEDIA_TYPE for found in registry.attached(digest)
    ):
        publishing.say(f"{registry.address}:{tag} is there already")
        return f"{registry.address}:{tag}@{digest}"
    publication = ImagePublication(
        repository, release_image.client(), registry, publishing.FOLDER / tag, publishing.say
    )
    if digest is None:
        image = publication.build(commit, tag)
        digest = publication.push(image, tag)
    else:  # a first run ended before the bill of materials was there
        image = publication.pull(digest)
    publication.describe(image, commit=commit, tag=tag, digest=digest)
    return publication.reference(tag, digest)
