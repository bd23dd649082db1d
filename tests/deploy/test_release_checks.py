"""What stops a release before it begins; each thing is one sentence."""

from datetime import date
from pathlib import Path

import pytest
from release_repository import git, small_repository

from kf_airflow_deploy import release_checks
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.git import Repository

DAY = date(2026, 11, 25)


def refusal(repository: Repository, version: str = "0.2.0") -> list[str]:
    with pytest.raises(DeployError) as caught:
        release_checks.plan(repository, version, branch="main", day=DAY)
    return str(caught.value).splitlines()


def push_from_elsewhere(tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "--quiet", str(tmp_path / "remote.git"), str(other))
    who = ("-c", "user.name=Other", "-c", "user.email=other@example.org")
    git(other, *who, "commit", "--quiet", "--allow-empty", "--message", "Other")
    git(other, "push", "--quiet")


def test_a_release_changes_the_changelog_and_the_versions(tmp_path: Path) -> None:
    plan = release_checks.plan(small_repository(tmp_path), "0.2.0", branch="main", day=DAY)

    assert {path: text is not None and "0.2.0" in text for path, text in plan.files.items()} == {
        "CHANGELOG.md": True,
        "pyproject.toml": True,
        "docker/runtime/pyproject.toml": True,
    }
    assert (plan.version, plan.branch, plan.remote) == ("0.2.0", "main", "origin")


def test_changes_that_are_not_committed_are_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    (repository.root / "pyproject.toml").write_text('version = "0.1.0"\n')
    (repository.root / "new").touch()

    assert refusal(repository) == [
        "The working tree has changes that are not committed (pyproject.toml, new): "
        "commit, stash or remove them."
    ]


def test_another_branch_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "switch", "--quiet", "--create", "topic")

    assert refusal(repository) == ["topic is checked out: releases are made of main (git switch main)."]


def test_a_commit_without_a_branch_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "switch", "--quiet", "--detach")

    assert refusal(repository) == [
        "A commit without a branch is checked out: releases are made of main (git switch main)."
    ]


def test_commits_that_were_not_pushed_are_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "commit", "--quiet", "--allow-empty", "--message", "More")

    assert refusal(repository) == [
        "main has commits that origin does not have: push them first, to be checked there."
    ]


def test_a_branch_that_is_behind_its_remote_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    push_from_elsewhere(tmp_path)

    assert [line.endswith("git pull, and try again.") for line in refusal(repository)] == [True]


def test_a_tag_that_is_here_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "tag", "0.2.0")

    assert refusal(repository) == [
        "The tag 0.2.0 exists already, here: no release is made anew, take a higher version."
    ]


def test_a_tag_that_only_the_remote_has_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(tmp_path / "remote.git", "tag", "0.2.0", "main")

    assert refusal(repository) == [
        "The tag 0.2.0 exists already, at origin: no release is made anew, take a higher version."
    ]


def test_a_version_older_than_a_tag_that_only_the_remote_has_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(tmp_path / "remote.git", "tag", "0.3.0", "main")

    assert refusal(repository) == ["0.2.0 is not newer than 0.3.0, the last release: take a higher version."]


def test_a_changelog_without_entries_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path, **{"CHANGELOG.md": "# Changelog\n\n## Unreleased\n"})

    assert [line.startswith("CHANGELOG.md has no entry") for line in refusal(repository)] == [True]


def test_a_remote_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    (tmp_path / "remote.git").rename(tmp_path / "gone")

    assert [line.startswith("The remote origin does not answer") for line in refusal(repository)] == [True]


def test_a_clone_that_does_not_know_who_commits_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = small_repository(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(repository.root, "config", "--unset", "user.name")
    git(repository.root, "config", "--unset", "user.email")
    git(repository.root, "config", "user.useConfigOnly", "true")

    assert refusal(repository) == [
        "git does not know who you are: set user.name and user.email (git config)."
    ]


def test_a_remote_that_takes_no_push_is_refused(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "remote", "set-url", "--push", "origin", str(tmp_path / "nowhere"))

    assert refusal(repository)[0].startswith("origin takes no push of main from here (git push failed")


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "switch", "--quiet", "--create", "topic")
    (repository.root / "new").touch()

    assert len(refusal(repository, "1.0")) == 3


def test_without_a_remote_only_this_clone_is_looked_at(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "remote", "remove", "origin")

    assert release_checks.plan(repository, "0.2.0", branch="main", day=DAY).remote is None
