"""What has to be so before a release begins."""

from dataclasses import dataclass
from datetime import date

from kf_airflow_deploy import changelog, release_version
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.git import Repository

CHANGELOG = "CHANGELOG.md"


@dataclass(frozen=True)
class Plan:
    """What a release changes.

    Args:
        version: The version, which is also the name of the tag.
        branch: The branch that is released.
        parent: The commit it is at.
        remote: Where branch and tag go. None if the branch follows no remote.
        files: The text of the files of the release's commit, by path.
    """

    version: str
    branch: str
    parent: str
    remote: str | None
    files: dict[str, str]


def plan(repository: Repository, version: str, *, branch: str, day: date) -> Plan:
    """Check the repository and return what the release changes.

    Args:
        repository: The repository.
        version: The version that is asked for.
        branch: The only branch that is released.
        day: When it is released.

    Raises:
        DeployError: With a sentence for each thing that is not as it has to be.
    """
    problems: list[str] = []

    def check(*found: str | None) -> None:
        problems.extend(problem for problem in found if problem)

    remote = repository.remote(branch)
    references: dict[str, str] = {}
    if remote is not None:
        try:
            references = repository.references_of(remote)
        except DeployError as error:
            check(
                f"The remote {remote} does not answer ({error}): without it no tag can be checked or pushed."
            )
    check(
        wrong_branch(repository, branch),
        unfinished(repository),
        nobody(repository),
        apart(repository, branch, remote, references.get(f"refs/heads/{branch}")) if references else None,
        tag_exists(repository, version, remote, references),
    )
    if remote is not None and references and not problems:
        check(closed(repository, branch, remote))
    files = {}
    try:
        files = changed_files(
            repository, version, day=day, tags=known_tags(repository, references) - {version}
        )
    except DeployError as error:
        check(str(error))
    if problems:
        raise DeployError("\n".join(problems))
    return Plan(version, branch, repository.head(), remote, files)


def changed_files(repository: Repository, version: str, *, day: date, tags: set[str]) -> dict[str, str]:
    """Return the files of the release's commit.

    Raises:
        DeployError: When the version may not come next, or the changelog has nothing to say of it.
    """
    projects = {path: repository.read(path) for path in release_version.FILES}
    chosen = release_version.next_version(
        version, project=release_version.read(projects[release_version.FILES[0]]), tags=tags
    )
    return {
        CHANGELOG: changelog.released(repository.read(CHANGELOG), chosen, day),
        **{path: release_version.write(text, chosen) for path, text in projects.items()},
    }


def known_tags(repository: Repository, references: dict[str, str]) -> set[str]:
    """Return the tags here and at the remote."""
    prefix = "refs/tags/"
    return {*repository.tags(), *(name[len(prefix) :] for name in references if name.startswith(prefix))}


def wrong_branch(repository: Repository, branch: str) -> str | None:
    """Say that another branch is checked out, if it is."""
    found = repository.branch()
    if found == branch:
        return None
    where = found or "A commit without a branch"
    return f"{where} is checked out: releases are made of {branch} (git switch {branch})."


def unfinished(repository: Repository) -> str | None:
    """Say what is not committed, if anything is."""
    changes = repository.changes()
    if not changes:
        return None
    some = ", ".join(changes[:3]) + (f" and {len(changes) - 3} more" if len(changes) > 3 else "")
    return f"The working tree has changes that are not committed ({some}): commit, stash or remove them."


def nobody(repository: Repository) -> str | None:
    """Say that git does not know who commits, if so."""
    if repository.tells("var", "GIT_COMMITTER_IDENT") is not None:
        return None
    return "git does not know who you are: set user.name and user.email (git config)."


def apart(repository: Repository, branch: str, remote: str | None, there: str | None) -> str | None:
    """Say how the branch here and the one of the remote differ, if they do."""
    here = repository.head()
    if there == here or repository.branch() != branch:
        return None
    if there is None:
        return f"The remote {remote} has no branch {branch}: push it first."
    if repository.descends(here, there):
        return f"{branch} has commits that {remote} does not have: push them first, to be checked there."
    return f"{branch} of {remote} is at {there[:7]} and here it is at {here[:7]}: git pull, and try again."


def closed(repository: Repository, branch: str, remote: str) -> str | None:
    """Say that nobody here may push, if so."""
    refusal = repository.refusal_of(remote, branch)
    return f"{remote} takes no push of {branch} from here ({refusal})." if refusal else None


def tag_exists(
    repository: Repository, version: str, remote: str | None, references: dict[str, str]
) -> str | None:
    """Say where there is such a tag already, if there is."""
    places = ["here"] if version in repository.tags() else []
    if f"refs/tags/{version}" in references:
        places.append(f"at {remote}")
    if not places:
        return None
    where = " and ".join(places)
    return f"The tag {version} exists already, {where}: no release is made anew, take a higher version."
