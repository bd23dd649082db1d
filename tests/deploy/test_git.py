"""What a release does to a repository, and what it leaves alone."""

from pathlib import Path

import pytest
from release_repository import git, small_repository

from kf_airflow_deploy.errors import DeployError

FILES = {"CHANGELOG.md": "# New\n", "docs/new.md": "New\n"}


def refuse_pushes(folder: Path) -> None:
    hook = folder / "remote.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)


def test_a_commit_is_made_that_no_branch_has(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    before = repository.head()

    commit = repository.commit_with(FILES, "Release 0.2.0")

    assert repository.head() == before
    assert repository.changes() == []
    assert git(repository.root, "rev-list", "--all", "--count") == "1"
    assert git(repository.root, "rev-parse", f"{commit}^") == before


def test_a_commit_has_the_files_it_was_given_and_all_others_as_they_were(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)

    commit = repository.commit_with(FILES, "Release 0.2.0")

    assert repository.read("CHANGELOG.md", commit) == "# New\n"
    assert git(repository.root, "diff", "--name-only", "HEAD", commit).split() == [
        "CHANGELOG.md",
        "docs/new.md",
    ]


def test_what_is_exported_is_the_commit_and_nothing_that_lies_about(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    (repository.root / "CHANGELOG.md").write_text("changed")
    (repository.root / "secret").write_text("not in git")

    repository.export(repository.head(), tmp_path / "exported")

    assert "Unreleased" in (tmp_path / "exported/CHANGELOG.md").read_text()
    assert not (tmp_path / "exported/secret").exists()
    assert repository.changes() == ["CHANGELOG.md", "secret"]


def test_branch_and_tag_get_to_the_remote_and_the_branch_here_follows(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    commit = repository.commit_with(FILES, "Release 0.2.0")

    repository.publish(commit, branch="main", tag="0.2.0", message="Release 0.2.0", remote="origin")
    repository.follow(commit)

    assert repository.head() == commit == repository.references_of("origin")["refs/heads/main"]
    assert (repository.root / "CHANGELOG.md").read_text() == "# New\n"
    assert git(tmp_path / "remote.git", "cat-file", "-t", "0.2.0") == "tag"


def test_a_remote_that_refuses_leaves_neither_tag_nor_commit(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    before = repository.head()
    commit = repository.commit_with(FILES, "Release 0.2.0")
    refuse_pushes(tmp_path)

    with pytest.raises(DeployError, match="git push failed: remote: main is protected"):
        repository.publish(commit, branch="main", tag="0.2.0", message="Release 0.2.0", remote="origin")

    assert repository.tags() == []
    assert repository.head() == before
    assert repository.references_of("origin") == {"refs/heads/main": before}


def test_a_push_that_is_interrupted_leaves_no_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = small_repository(tmp_path)
    commit = repository.commit_with(FILES, "Release 0.2.0")
    run = repository.run

    def interrupted(*arguments: str) -> str:
        if arguments[0] == "push":
            raise KeyboardInterrupt
        return run(*arguments)

    monkeypatch.setattr(repository, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        repository.publish(commit, branch="main", tag="0.2.0", message="Release 0.2.0", remote="origin")

    assert repository.tags() == []


def test_a_branch_that_follows_no_remote_goes_to_the_only_one(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "branch", "--unset-upstream")
    assert repository.remote("main") == "origin"

    git(repository.root, "remote", "add", "other", str(tmp_path))
    assert repository.remote("main") is None


def test_whether_a_remote_takes_a_push_is_known_without_one(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    git(repository.root, "commit", "--quiet", "--allow-empty", "--message", "More")
    before = repository.references_of("origin")

    assert repository.refusal_of("origin", "main") is None
    assert repository.references_of("origin") == before
    (tmp_path / "remote.git").rename(tmp_path / "gone")
    assert "git push failed" in str(repository.refusal_of("origin", "main"))


def test_without_a_remote_the_tag_is_here(tmp_path: Path) -> None:
    repository = small_repository(tmp_path)
    commit = repository.commit_with(FILES, "Release 0.2.0")

    repository.publish(commit, branch="main", tag="0.2.0", message="Release 0.2.0", remote=None)

    assert repository.tags_at(commit) == ["0.2.0"]
    assert "refs/tags/0.2.0" not in repository.references_of("origin")
