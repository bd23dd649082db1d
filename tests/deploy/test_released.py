"""What a tag tells of its release."""

from pathlib import Path

import pytest
from release_repository import git, small_repository

from kf_airflow_deploy import command_line
from kf_airflow_deploy.git import Repository

IMAGE = "registry.example.org/kf-airflow:{}@sha256:" + "1" * 64


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = small_repository(tmp_path)
    monkeypatch.chdir(made.root)
    return made


def tag(repository: Repository, version: str) -> None:
    message = f"Release {version}\n\n{IMAGE.format(version)}"
    git(repository.root, "tag", "--annotate", "--message", message, version)


def test_the_newest_version_and_its_image_are_printed_and_written(
    repository: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("0.9.0", "0.10.0"):
        tag(repository, version)

    assert command_line.main(["released", "--output", str(tmp_path / "output")]) == 0
    assert capsys.readouterr().out == f"version=0.10.0\nimage={IMAGE.format('0.10.0')}\n"
    assert (tmp_path / "output").read_text() == f"version=0.10.0\nimage={IMAGE.format('0.10.0')}\n"


def test_an_older_version_may_be_asked_for(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("0.9.0", "0.10.0"):
        tag(repository, version)

    assert command_line.main(["released", "0.9.0"]) == 0
    assert IMAGE.format("0.9.0") in capsys.readouterr().out


def test_a_version_that_was_not_released_is_one_sentence(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for version in ("0.1.0", "0.9.0", "0.10.0", "0.2.0"):
        tag(repository, version)

    assert command_line.main(["released", "0.3.0"]) == 2
    assert capsys.readouterr().err == (
        "0.3.0 was not released: the newest releases are 0.10.0, 0.9.0, 0.2.0.\n"
    )


def test_no_release_at_all_is_one_sentence(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(["released"]) == 2
    assert "no tag that is a version" in capsys.readouterr().err


def test_a_tag_that_was_made_by_hand_is_refused(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    git(repository.root, "tag", "0.2.0")

    assert command_line.main(["released", "0.2.0"]) == 2
    assert capsys.readouterr().err == "The tag 0.2.0 names no image: nox -s release did not make it.\n"
