"""A project, and a Terraform Cloud it is deployed to."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tfc_server import ORGANIZATION, TOKEN, TfcServer, tfc_server
from tiny_project import TinyProject

from kf_airflow_deploy import cloud_client


@pytest.fixture(autouse=True)
def own_environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes away what the user has set for Terraform and for us."""
    for name in list(os.environ):
        if name.startswith(("TF_", "TFE_", "KF_AIRFLOW_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyProject:
    made = TinyProject.make(
        tmp_path / "project", state=f'organization = "{ORGANIZATION}"\nworkspace = "etl-dev"'
    )
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TfcServer]:
    """Terraform Cloud, with the workspace `etl-dev`, and a token for it in the environment."""
    monkeypatch.setattr(cloud_client, "INTERVAL_SECONDS", 0.05)
    with tfc_server(tmp_path / "cloud") as found:
        found.add_workspace("etl-dev")
        monkeypatch.setenv("TFE_ADDRESS", found.url)
        monkeypatch.setenv("TFE_TOKEN", TOKEN)
        yield found
