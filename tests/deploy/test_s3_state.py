"""State in S3 as the stack asks for it, in a bucket of moto: kept there, and locked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto_account import account
from stacks import synthesized
from tiny_project import TinyProject

from kf_airflow_deploy.command_line import main

LOCK = {
    "ID": "5c6a0c7e-0000-4000-8000-1b2c3d4e5f60",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "ada@build-7",
    "Version": "1.11.4",
    "Created": "2026-11-25T03:00:00Z",
    "Path": "example-dev-remote-state-files/dev/kf-airflow-us-east-1-RSF",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with account() as found:
        yield found


@pytest.fixture
def backend(url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The block that the stack of dev has, with its bucket made and moto in AWS's place."""
    block: dict[str, Any] = synthesized("config/dev").document["terraform"]["backend"]["s3"]
    for service in ("S3", "STS", "IAM"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    boto3.client("s3", region_name=block["region"]).create_bucket(Bucket=block["bucket"])
    # No name of a bucket is a host name here.
    return {**block, "use_path_style": True}


@pytest.fixture
def deployed(tmp_path: Path, backend: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> TinyProject:
    made = TinyProject.make(tmp_path / "project")
    monkeypatch.chdir(made.root)
    made.stack(terraform={"backend": {"s3": backend}}, words={"input": "one"})
    made.apply()
    return made


def test_the_state_is_kept_and_its_lock_taken_away(deployed: TinyProject, backend: dict[str, Any]) -> None:
    bucket = boto3.client("s3", region_name=backend["region"])
    keys = [found["Key"] for found in bucket.list_objects_v2(Bucket=backend["bucket"])["Contents"]]
    kept = bucket.get_object(Bucket=backend["bucket"], Key=backend["key"])

    assert keys == ["dev/kf-airflow-us-east-1-RSF"]
    assert kept["ServerSideEncryption"] == "AES256"
    assert json.loads(kept["Body"].read())["resources"][0]["name"] == "words"
    assert main(["drift"]) == 0


def test_a_lock_that_somebody_holds_is_one_sentence(
    deployed: TinyProject, backend: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    bucket = boto3.client("s3", region_name=backend["region"])
    held = f"{backend['key']}.tflock"
    bucket.put_object(Bucket=backend["bucket"], Key=held, Body=json.dumps(LOCK).encode())
    capfd.readouterr()

    try:
        assert main(["drift", "--lock-seconds", "0"]) == 1
    finally:
        bucket.delete_object(Bucket=backend["bucket"], Key=held)

    assert capfd.readouterr().err == (
        "The state example-dev-remote-state-files/dev/kf-airflow-us-east-1-RSF is locked by ada@build-7 "
        "(apply, since 2026-11-25 03:00:00 +0000 UTC): wait until that has ended; if it died, "
        "`terraform force-unlock 5c6a0c7e-0000-4000-8000-1b2c3d4e5f60` takes its lock away.\n"
    )


def test_a_bucket_that_is_not_there_is_said_in_terraforms_words(
    deployed: TinyProject, backend: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    deployed.stack(terraform={"backend": {"s3": {**backend, "bucket": "example-moon-remote-state-files"}}})

    assert main(["drift"]) == 1
    assert "Terraform cannot use the stack: Error:" in capfd.readouterr().err
