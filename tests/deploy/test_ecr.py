"""Where a repository in ECR is, and who logs in."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from example_values import REGION
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID

from kf_airflow_deploy import ecr
from kf_airflow_deploy.errors import DeployError


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("ecr", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def test_a_repository_is_where_ecr_says(client: Any) -> None:
    client.create_repository(repositoryName="kf-airflow")

    found = ecr.repository("kf-airflow", client)

    assert found.address == f"{DEFAULT_ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/kf-airflow"
    assert found.login is not None
    assert (found.login.username, found.login.password) == ("AWS", f"{DEFAULT_ACCOUNT_ID}-auth-token")


def test_the_token_is_not_shown(client: Any) -> None:
    client.create_repository(repositoryName="kf-airflow")

    assert "auth-token" not in repr(ecr.repository("kf-airflow", client).login)


def test_a_repository_that_is_not_there_is_one_sentence(client: Any) -> None:
    with pytest.raises(DeployError, match=r"^ECR has no repository 'kf-airflow' in this account"):
        ecr.repository("kf-airflow", client)


def test_no_credentials_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)

    with pytest.raises(DeployError, match=r"^AWS cannot be asked for the repository 'kf-airflow' of ECR"):
        ecr.repository("kf-airflow", boto3.Session().client("ecr"))
