"""What a task pays whose DAGs are of an older version than its worker's: 500 files, S3 being moto's."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from docker import DockerClient
from moto.server import ThreadedMotoServer
from plain_containers import PlainContainers
from project import ROOT

from kf_airflow_local import engine, images

PROGRAM = ROOT / "tests/support/bundle_program.py"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@pytest.fixture
def client() -> Iterator[DockerClient]:
    client = engine.client()
    yield client
    client.close()


@pytest.fixture
def containers(client: DockerClient) -> Iterator[PlainContainers]:
    containers = PlainContainers(client)
    yield containers
    containers.close()


@pytest.fixture
def s3(containers: PlainContainers) -> Iterator[str]:
    """The address of an S3 with an empty bucket."""
    server = ThreadedMotoServer(ip_address=containers.gateway, port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
    ).create_bucket(Bucket="archives")
    yield url
    server.stop()


def test_an_older_version_is_fetched_once_and_then_costs_next_to_nothing(
    client: DockerClient, containers: PlainContainers, s3: str, report: dict[str, Any]
) -> None:
    image = images.ensure(client, ROOT, print)[images.AIRFLOW]
    program = containers.start(
        "program",
        image,
        ["-c", PROGRAM.read_text()],
        entrypoint="python3",
        environment={**CREDENTIALS, "AWS_ENDPOINT_URL": s3},
    )
    code = program.wait(timeout=300)["StatusCode"]
    assert code == 0, program.logs(tail=30).decode()
    seconds = json.loads(program.logs(stderr=False).decode().splitlines()[-1])

    report["dag_bundle"] = {
        "files": 500,
        "cached_share_of_cold": round(seconds["cached"] / seconds["cold"], 4),
        "image_share_of_cached": round(seconds["image"] / seconds["cached"], 4),
        **{f"{name}_milliseconds": round(1000 * value, 3) for name, value in seconds.items()},
        "aim_cached_share_of_cold": 0.1,
    }
    assert seconds["cached"] < 0.1 * seconds["cold"]
