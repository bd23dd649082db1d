"""The order of a release: what is there when a step fails, and how a second run goes on."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from release_repository import git, small_repository

from kf_airflow_deploy import release_checks, release_steps
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.git import Repository
from kf_airflow_deploy.release_checks import Plan
from kf_airflow_deploy.release_record import Record

DIGEST = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
ADDRESS = "registry.example.org/kf-airflow"


@dataclass
class FakePublication:
    """As `ImagePublication`, with an engine and a registry in memory; the step named `broken` fails."""

    repository: Repository
    folder: Path
    broken: str = ""
    pushed: dict[str, str] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def registry(self) -> "FakePublication":
        return self

    @property
    def address(self) -> str:
        return ADDRESS

    def digest(self, tag: str) -> str | None:
        return self.pushed.get(tag)

    def say(self, text: str) -> None:
        self.said.append(text)

    def build(self, commit: str, version: str) -> str:
        self._step("build")
        assert self.repository.read("pyproject.toml", commit).count(version) == 1
        return commit

    def push(self, image: str, tag: str) -> str:
        self._step("push")
        self.pushed[tag] = DIGEST
        return DIGEST

    def pull(self, digest: str) -> str:
        self._step("pull")
        assert digest == DIGEST
        return digest

    def describe(self, image: str, *, commit: str, tag: str, digest: str) -> None:
        self._step("describe")

    def reference(self, tag: str, digest: str) -> str:
        return f"{ADDRESS}:{tag}@{digest}"

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if name == self.broken:
            raise DeployError(f"{name} does not work.")


@pytest.fixture
def publication(tmp_path: Path) -> FakePublication:
    return FakePublication(small_repository(tmp_path), tmp_path / "release")


def planned(publication: FakePublication) -> Plan:
    return release_checks.plan(publication.repository, "0.2.0", branch="main", day=date(2026, 11, 25))


def release(publication: Any) -> str:
    plan = planned(publication)
    return release_steps.carry_out(plan, publication, release_steps.begun(plan, publication))


def untouched(publication: FakePublication) -> bool:
    repository = publication.repository
    references = repository.references_of("origin")
    return (
        repository.tags() == []
        and repository.changes() == []
        and list(references) == ["refs/heads/main"]
        and references["refs/heads/main"] == repository.head()
        and git(repository.root, "rev-list", "--count", "HEAD") == "1"
    )


def test_a_release_ends_with_the_reference_that_a_deployment_takes(publication: FakePublication) -> None:
    assert release(publication) == f"{ADDRESS}:0.2.0@{DIGEST}"
    assert publication.steps == ["build", "push", "describe"]


def test_the_tag_names_the_image(publication: FakePublication) -> None:
    release(publication)

    assert f"{ADDRESS}:0.2.0@{DIGEST}" in git(publication.repository.root, "cat-file", "-p", "0.2.0")


@pytest.mark.parametrize("step", ["build", "push", "describe"])
def test_a_step_that_fails_leaves_neither_commit_nor_tag(publication: FakePublication, step: str) -> None:
    publication.broken = step

    with pytest.raises(DeployError, match=rf"^{step} does not work\.\n0\.2\.0 is not released: ") as caught:
        release(publication)

    assert caught.value.code == 2
    assert untouched(publication)


def test_a_failure_behind_the_push_says_that_the_image_is_there(publication: FakePublication) -> None:
    publication.broken = "describe"

    with pytest.raises(
        DeployError, match="its image is in the registry, and neither commit nor tag is there"
    ):
        release(publication)


@pytest.mark.parametrize(("step", "further"), [("push", ["build", "push"]), ("describe", ["pull"])])
def test_a_second_run_goes_on_where_the_first_one_ended(
    publication: FakePublication, step: str, further: list[str]
) -> None:
    publication.broken = step
    with pytest.raises(DeployError):
        release(publication)
    publication.broken, publication.steps = "", []

    assert release(publication) == f"{ADDRESS}:0.2.0@{DIGEST}"
    assert publication.steps == [*further, "describe"]
    assert publication.repository.tags() == ["0.2.0"]


def test_a_second_run_has_the_commit_that_the_pushed_image_was_built_from(
    publication: FakePublication,
) -> None:
    publication.broken = "describe"
    with pytest.raises(DeployError):
        release(publication)
    record = Record.read(publication.folder / release_steps.RECORD)
    publication.broken = ""

    release(publication)

    assert record is not None
    assert publication.repository.head() == record.commit


def test_an_image_of_that_version_from_somewhere_else_is_refused(publication: FakePublication) -> None:
    publication.pushed["0.2.0"] = OTHER

    with pytest.raises(DeployError, match=rf"kf-airflow has 0\.2\.0 already, as {OTHER}"):
        release(publication)

    assert publication.steps == []


def test_an_image_of_a_commit_that_the_branch_has_left_behind_is_refused(
    publication: FakePublication,
) -> None:
    publication.broken = "describe"
    with pytest.raises(DeployError):
        release(publication)
    git(publication.repository.root, "commit", "--quiet", "--allow-empty", "--message", "More")
    git(publication.repository.root, "push", "--quiet")

    with pytest.raises(DeployError, match="and not from this commit"):
        release(publication)


def test_a_branch_that_cannot_follow_does_not_undo_a_release(publication: Any) -> None:
    plan = planned(publication)
    (publication.repository.root / "CHANGELOG.md").write_text("changed meanwhile\n")

    assert release_steps.carry_out(plan, publication, None) == f"{ADDRESS}:0.2.0@{DIGEST}"
    assert publication.said[-1].startswith("0.2.0 is released, and main here is not there yet")
    assert "refs/tags/0.2.0" in publication.repository.references_of("origin")


def test_a_remote_that_refuses_the_tag_leaves_nothing_but_the_image(
    publication: FakePublication, tmp_path: Path
) -> None:
    hook = tmp_path / "remote.git/hooks/pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(DeployError, match="git push failed"):
        release(publication)

    assert untouched(publication)
