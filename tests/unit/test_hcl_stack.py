import subprocess
from pathlib import Path

import pytest
import stacks
from cdktf import App

from kf_airflow import AirflowStack, load_settings
from kf_airflow.hcl_stack import write_hcl


@pytest.fixture(scope="module")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    app = App(outdir=str(tmp_path_factory.mktemp("out")), skip_validation=True)
    AirflowStack(app, "airflow-prd", settings=load_settings("prd", root=root))
    app.synth()
    (path,) = write_hcl(app)
    return path


def test_it_is_the_only_thing_in_the_folder_that_terraform_reads(written: Path) -> None:
    assert [path.name for path in written.parent.glob("*.tf*")] == ["cdk.tf"]


def test_terraform_can_read_it(written: Path) -> None:
    done = subprocess.run(
        ["terraform", "fmt", "-no-color", "-write=false", str(written)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr[:2000]


def test_what_an_override_sets_is_in_it(written: Path) -> None:
    text = written.read_text()

    assert 'ephemeral "aws_secretsmanager_random_password" "airflow_credentials_jwt-secret" {' in text
    assert "checkov:skip=" in text


def test_the_bindings_know_what_is_a_block() -> None:
    blocks = stacks.blocks("config/prd")
    service = next(known for address, known in blocks.items() if ".aws_ecs_service." in address)

    assert "default_tags" in blocks["provider.aws"]
    assert "network_configuration" in service
    assert not {"tags", "cluster"} & service.keys()
