"""A release's stack as a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

from kf_airflow_local import certificates, stored_stack, synthesis
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.workspace import Workspace

IMAGE = "kf-airflow:0123456789ab"


def stack(tmp_path: Path) -> dict[str, Any]:
    """A stack as CDKTF writes it, on this machine."""
    containers = [
        {
            "name": "worker",
            "image": IMAGE,
            "environment": [
                {"name": "A", "value": "b"},
                {"name": "KF_AIRFLOW_CA_CERTIFICATES", "value": "PEM"},
            ],
        }
    ]
    return {
        "//": {"metadata": {"stackName": "airflow-local"}},
        "terraform": {"backend": {"local": {"path": str(tmp_path)}}, "required_version": ">= 1.11"},
        "resource": {
            "aws_ecs_task_definition": {
                "it": {"//": {"metadata": {}}, "container_definitions": json.dumps(containers)}
            }
        },
    }


def container(document: dict[str, Any]) -> dict[str, Any]:
    definition = document["resource"]["aws_ecs_task_definition"]["it"]["container_definitions"]
    (found,) = json.loads(definition)
    assert isinstance(found, dict)
    return found


def test_what_belongs_to_the_machine_is_not_stored(tmp_path: Path) -> None:
    stored = json.dumps(stored_stack.portable(stack(tmp_path)))

    assert [word for word in (str(tmp_path), IMAGE, "PEM", "//") if word in stored] == []


def test_what_was_left_out_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "0.1.0.tf.json"
    path.write_text(json.dumps(stored_stack.portable(stack(tmp_path))))
    authority = tmp_path / "ca"

    read = container(stored_stack.read(path, "kf-airflow:new", authority))

    certificate = certificates.ensure_authority(authority).read_text()
    assert (read["image"], read["environment"][0], read["environment"][1]["value"]) == (
        "kf-airflow:new",
        {"name": "A", "value": "b"},
        certificate,
    )


@pytest.mark.parametrize("text", ["no JSON", "[]", "{}", '{"resource": {}}'])
def test_a_file_that_is_no_stored_stack_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "0.1.0.tf.json"
    path.write_text(text)

    with pytest.raises(LauncherError, match="is no stored stack"):
        stored_stack.read(path, IMAGE, tmp_path / "ca")


def test_a_newer_release_takes_the_place_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def synthesize(_: Workspace, image: str, __: Path) -> dict[str, Any]:
        asked.append(image)
        return stack(tmp_path)

    monkeypatch.setattr(synthesis, "synthesize", synthesize)
    releases = iter(["0.1.0", "0.2.0"])
    monkeypatch.setattr(stored_stack, "version", lambda _: next(releases))

    paths = [stored_stack.store_own(Workspace(tmp_path)) for _ in range(2)]

    assert asked == ["kf-airflow:0.1.0", "kf-airflow:0.2.0"]
    assert stored_stack.newest(tmp_path) == paths[1]
    assert not paths[0].exists()


def test_without_a_stored_stack_it_is_said_how_one_is_made(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match="has 0 stored stacks: allowed is one"):
        stored_stack.newest(tmp_path)


def test_the_stored_stack_of_this_repository_names_no_place_and_no_image() -> None:
    path = stored_stack.newest(ROOT)
    document = json.loads(path.read_text())
    containers = [
        one
        for definition in document["resource"]["aws_ecs_task_definition"].values()
        for one in json.loads(definition["container_definitions"])
    ]

    assert {one["image"] for one in containers} == {"<image>"}
    assert "BEGIN CERTIFICATE" not in path.read_text()
    assert "backend" not in document["terraform"]
