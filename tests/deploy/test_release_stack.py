"""The stack that goes into a release's commit."""

from pathlib import Path

import pytest

from kf_airflow_deploy import release_stack
from kf_airflow_deploy.errors import DeployError
from kf_airflow_local import stored_stack
from kf_airflow_local.errors import LauncherError


def test_it_takes_the_place_of_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_stack, "own", lambda workspace, release: f"{workspace.root} {release}")
    folder = tmp_path / stored_stack.FOLDER
    folder.mkdir(parents=True)
    (folder / "0.1.0.tf.json").write_text("{}")

    assert release_stack.files(tmp_path, "0.2.0") == {
        "tests/upgrade/0.1.0.tf.json": None,
        "tests/upgrade/0.2.0.tf.json": f"{tmp_path} 0.2.0",
    }


def test_one_that_cannot_be_synthesized_ends_the_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise LauncherError("The stack could not be synthesized:\nno such file")

    monkeypatch.setattr(stored_stack, "own", refuse)

    with pytest.raises(DeployError, match="could not be synthesized"):
        release_stack.files(tmp_path, "0.2.0")
