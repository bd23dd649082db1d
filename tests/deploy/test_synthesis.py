"""How the stack comes to be synthesized."""

import json
import sys
from pathlib import Path

import pytest
from tiny_project import TinyProject

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.synthesis import app_for, read_stack, synthesize, terraform_environment


def test_the_app_is_that_of_the_project(project: TinyProject) -> None:
    assert app_for("dev", root=project.root, app=None) == f"{sys.executable} app.py"
    assert app_for("dev", root=project.root, app="other") == "other"


def test_the_local_system_s_launcher_synthesizes_it(project: TinyProject) -> None:
    assert app_for("local", root=project.root, app=None).endswith("-m kf_airflow_local cdktf-app")


@pytest.mark.parametrize("text", [None, "", "[]", '{"app": ""}', '{"app": 1}', "{}"])
def test_a_project_without_an_app_is_refused(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "cdktf.json").write_text(text)

    with pytest.raises(
        DeployError, match=r"cdktf\.json names no app that synthesizes the stack: run this in"
    ):
        app_for("dev", root=tmp_path, app=None)


def test_what_an_earlier_synthesis_left_is_gone(project: TinyProject) -> None:
    output = project.root / "build/out"
    (output / "stacks").mkdir(parents=True)
    (output / "stacks/old.json").write_text("{}")

    stack = synthesize("dev", root=project.root, app=f"{sys.executable} app.py", output=output)

    assert (stack.name, stack.folder) == ("airflow-dev", output / "stacks/airflow-dev")
    assert not (output / "stacks/old.json").exists()


def test_one_of_several_stacks_has_to_be_named(tmp_path: Path) -> None:
    stacks = {name: {"synthesizedStackPath": f"{name}.json"} for name in ("a", "b")}
    (tmp_path / "manifest.json").write_text(json.dumps({"stacks": stacks}))
    (tmp_path / "b.json").write_text('{"terraform": {}}')

    with pytest.raises(DeployError, match=r"The app synthesized 2 stacks \(a, b\): name one by --stack"):
        read_stack(tmp_path)
    assert read_stack(tmp_path, name="b").document == {"terraform": {}}


def test_another_environment_than_the_local_one_runs_terraform_as_it_is_configured() -> None:
    assert terraform_environment("dev", {"A": "1"}) == {"A": "1"}
