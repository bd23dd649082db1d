"""The deployed stack, planned in a Terraform Cloud that has its state."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_system import LocalSystem
from project import ROOT
from tfc_server import ORGANIZATION, TOKEN, TfcServer, tfc_server

from kf_airflow_local import terraform
from kf_airflow_local.workspace import Workspace

pytestmark = pytest.mark.e2e

TFC_SECONDS = 300


@pytest.fixture(scope="module")
def cloud(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TfcServer]:
    """Terraform Cloud with a workspace that has the state of the local system, and its provider."""
    assert system.outputs
    local = Workspace()
    with tfc_server(tmp_path_factory.mktemp("cloud")) as server:
        workspace = server.add_workspace(
            "airflow-local", terraform_environment=terraform.environment(os.environ, local)
        )
        shutil.copy(local.state, workspace.state)
        yield server


def tfc(
    system: LocalSystem, cloud: TfcServer, *arguments: str, folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    place = ["--organization", ORGANIZATION, "--workspace", "airflow-local", "--environment", "local"]
    return subprocess.run(
        [sys.executable, "-m", "nox", "-s", "tfc", "--", *arguments, *place],
        cwd=folder,
        env={**os.environ, **system.deployed_with, "TFE_ADDRESS": cloud.url, "TFE_TOKEN": TOKEN},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TFC_SECONDS,
        check=False,
    )


def test_the_deployed_stack_planned_in_terraform_cloud_has_nothing_to_change(
    system: LocalSystem, cloud: TfcServer
) -> None:
    planned = tfc(system, cloud, "plan", "--detailed-exitcode")

    said = planned.stdout + planned.stderr
    assert planned.returncode == 0, said
    assert "Plan: 0 to add, 0 to change, 0 to destroy." in said
    assert TOKEN not in said


def test_an_apply_in_terraform_cloud_has_nothing_to_do(system: LocalSystem, cloud: TfcServer) -> None:
    applied = tfc(system, cloud, "apply", "--auto-approve")

    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert cloud.last_run
    assert cloud.last_run.status == "planned_and_finished"
