"""The local environment's settings and stack."""

import json
from pathlib import Path
from typing import Any

import pytest

from kf_airflow_local import provider, synthesis, terraform
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.synthesis import LocalConfiguration
from kf_airflow_local.workspace import Workspace

DOCUMENT = {
    "terraform": {
        "required_providers": {"aws": {"source": "aws", "version": "6.25.0"}},
        "backend": {"local": {"path": "somewhere"}},
    },
    "resource": {"aws_eip": {"one": {"domain": "vpc"}}},
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with settings of the local environment."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "local.toml").write_text(
        'base_url = "http://localhost:8080"\n[aws]\nendpoint_url = "http://localhost:4566"\n'
    )
    return tmp_path


def change(root: Path, old: str, new: str) -> None:
    path = root / "config" / "local.toml"
    path.write_text(path.read_text().replace(old, new))


def test_the_addresses_are_read(root: Path) -> None:
    assert LocalConfiguration.read(root) == LocalConfiguration(
        endpoint_url="http://localhost:4566", base_url="http://localhost:8080"
    )


def test_missing_settings_are_told(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match=r"local\.toml is missing: restore it from git"):
        LocalConfiguration.read(tmp_path)


def test_malformed_settings_are_told_with_the_place(root: Path) -> None:
    change(root, "base_url = ", "base_url ")

    with pytest.raises(LauncherError, match=r"not valid TOML: .*line 1"):
        LocalConfiguration.read(root)


def test_a_missing_address_is_named(root: Path) -> None:
    change(root, "base_url", "other")

    with pytest.raises(LauncherError, match="lacks base_url"):
        LocalConfiguration.read(root)


def test_an_address_elsewhere_is_refused(root: Path) -> None:
    change(root, "http://localhost:4566", "https://example.org")

    with pytest.raises(LauncherError, match=r"endpoint_url = 'https://example\.org'"):
        LocalConfiguration.read(root)


def test_what_main_says_is_told(root: Path) -> None:
    (root / "main.py").write_text("import sys\nsys.exit('image: not set')\n")

    with pytest.raises(LauncherError, match="could not be synthesized:\nimage: not set"):
        synthesis.synthesize(Workspace(root), "kf-airflow:1", root / "out")


def test_main_is_told_the_environment_the_image_and_where_to_write(root: Path) -> None:
    (root / "main.py").write_text(
        "import json, os, pathlib\n"
        "path = pathlib.Path(os.environ['CDKTF_OUTDIR'], 'stacks/airflow-local/cdk.tf.json')\n"
        "path.parent.mkdir(parents=True)\n"
        "names = ('KF_AIRFLOW_ENVIRONMENT', 'KF_AIRFLOW_IMAGE')\n"
        "path.write_text(json.dumps({name: os.environ[name] for name in names}))\n"
    )

    assert synthesis.synthesize(Workspace(root), "kf-airflow:1", root / "out") == {
        "KF_AIRFLOW_ENVIRONMENT": "local",
        "KF_AIRFLOW_IMAGE": "kf-airflow:1",
    }


def test_with_the_current_provider_only_the_state_is_placed() -> None:
    stack = synthesis.for_source(DOCUMENT, old=False, state="terraform.tfstate")

    assert stack["resource"] == DOCUMENT["resource"]
    assert stack["terraform"]["backend"] == {"local": {"path": "terraform.tfstate"}}


def test_with_the_old_provider_the_stack_is_adapted() -> None:
    stack = synthesis.for_source(DOCUMENT, old=True, state="terraform.tfstate")

    assert stack["resource"] == {"aws_eip": {"one": {"vpc": True}}}


def test_another_provider_is_refused() -> None:
    required = {"aws": {"source": "example.org/other/aws", "version": "1"}}

    with pytest.raises(LauncherError, match=r"from example\.org/other/aws"):
        synthesis.provider_version({"terraform": {"required_providers": required}})


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> list[provider.Source]:
    """A registry, and the old provider."""
    found = [provider.Source("the registry"), provider.Source("the package", old=True)]
    monkeypatch.setattr(provider, "sources", lambda *_: iter(found))
    return found


def initialize(
    root: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, str | None]
) -> provider.Source:
    """Initialize, where each version that is asked for answers with a failure or with None."""

    def init(_: Any, workspace: Workspace) -> str | None:
        stack = json.loads((workspace.terraform / "cdk.tf.json").read_text())
        return answers[synthesis.provider_version(stack)]

    monkeypatch.setattr(terraform, "init", init)
    return synthesis.initialize(Workspace(root), DOCUMENT, lambda _: None)


def test_the_first_source_that_works_is_used(
    root: Path, monkeypatch: pytest.MonkeyPatch, sources: list[provider.Source]
) -> None:
    found = initialize(root, monkeypatch, {"6.25.0": None, "3.39.0": None})

    assert found == sources[0]


def test_the_next_source_is_tried_with_the_stack_it_needs(
    root: Path, monkeypatch: pytest.MonkeyPatch, sources: list[provider.Source]
) -> None:
    found = initialize(root, monkeypatch, {"6.25.0": "Error: no such host", "3.39.0": None})

    assert found == sources[1]


def test_when_none_works_every_failure_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, sources: list[provider.Source]
) -> None:
    with pytest.raises(LauncherError, match="the registry: no host\nthe package: broken"):
        initialize(root, monkeypatch, {"6.25.0": "no host", "3.39.0": "broken"})
