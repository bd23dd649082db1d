"""`release` and `publish` as they are called: exit codes, and what they write."""

from pathlib import Path

import pytest
from release_repository import git, small_repository

from kf_airflow_deploy import command_line, publishing, quality
from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.git import Repository
from kf_airflow_local import engine


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = small_repository(tmp_path)
    monkeypatch.chdir(made.root)
    monkeypatch.setattr(engine, "reach", lambda: None)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    return made


def test_bad_input_has_exit_code_2(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    (repository.root / "new").touch()

    assert command_line.main(["release", "0.2.0"]) == 2
    assert capsys.readouterr().err == (
        "The working tree has changes that are not committed (new): commit, stash or remove them.\n"
    )


def test_no_engine_is_one_sentence(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["release", "0.2.0"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("No container engine answers at unix://")
    assert said.count("\n") == 1


def test_changes_are_not_published(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    (repository.root / "new").touch()

    assert command_line.main(["publish"]) == 2
    assert "not committed (new)" in capsys.readouterr().err


def test_a_commit_that_was_released_has_the_image_of_its_release(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    image = f"registry.example.org/kf-airflow:0.2.0@sha256:{'1' * 64}"
    git(repository.root, "tag", "--annotate", "--message", f"Release 0.2.0\n\n{image}", "0.2.0")

    assert command_line.main(["publish", "--look"]) == 0
    assert capsys.readouterr().out == f"{image}\n"


def test_repository_and_registry_exclude_each_other(repository: Repository) -> None:
    with pytest.raises(SystemExit) as caught:
        command_line.main(["publish", "--repository", "a", "--registry", "b/c"])
    assert caught.value.code == 2


def test_the_reference_is_printed_and_written_for_the_next_job(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "output"
    output.write_text("before=1\n")

    publishing.tell("registry/kf-airflow:1@sha256:0", output)

    assert capsys.readouterr().out == "registry/kf-airflow:1@sha256:0\n"
    assert output.read_text() == "before=1\nimage=registry/kf-airflow:1@sha256:0\n"


def noxfile(repository: Repository, code: int) -> None:
    (repository.root / "noxfile.py").write_text(
        "import nox, pathlib\n"
        "def ran(session):\n"
        "    with pathlib.Path('build/ran').open('a') as file:\n"
        "        file.write('x')\n"
        f"    session.run('sh', '-c', 'exit {code}', external=True)\n"
        "for name in ('lint', 'types', 'unit'):\n"
        "    nox.session(ran, python=False, name=name)\n"
    )
    (repository.root / "build").mkdir()


def test_sessions_that_have_passed_on_these_files_are_not_run_again(repository: Repository) -> None:
    noxfile(repository, 0)
    passed = repository.root / "build/passed"

    for _ in range(2):
        quality.ensure(repository, passed, lambda _: None)

    assert (repository.root / "build/ran").read_text() == "xxx"


def test_a_session_that_fails_stops_the_release(repository: Repository) -> None:
    noxfile(repository, 1)
    passed = repository.root / "build/passed"

    with pytest.raises(DeployError, match="A release needs lint, types, unit to pass"):
        quality.ensure(repository, passed, lambda _: None)

    assert not passed.exists()
