"""ECR as the tests of releases have it: moto's API, and behind it a real registry in a container."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import requests
from docker import DockerClient
from example_values import REGION
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ecr.models import ecr_backends
from moto.server import ThreadedMotoServer
from plain_containers import address, on_loopback
from project import ROOT
from waiting import wait_for

from kf_airflow_deploy.registry import Login, Registry
from kf_airflow_local import images
from kf_airflow_local.build_context import BuildContext

RECIPE = images.Recipe("kf-airflow-registry", context="tests/release/registry")
REPOSITORY = "kf-airflow"
PORT = 5000
LOGIN = Login("AWS", f"{DEFAULT_ACCOUNT_ID}-auth-token")
"""What moto's ECR hands out."""


@dataclass(frozen=True)
class LocalEcr:
    """A repository in ECR that an engine here can push to.

    Args:
        client: Of ECR's API.
        address: Of the repository, without a tag.
    """

    client: Any
    address: str

    def registry(self) -> Registry:
        """The repository, asked with the right login."""
        return Registry(self.address, LOGIN)


@contextmanager
def local_ecr(engine: DockerClient) -> Iterator[LocalEcr]:
    """Runs both; the repository is there and empty."""
    container = engine.containers.run(
        built_image(engine),
        name=f"kf-airflow-tests-registry-{uuid4().hex[:8]}",
        environment={"USERNAME": LOGIN.username, "PASSWORD": LOGIN.password},
        ports=on_loopback(PORT),
        detach=True,
    )
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    try:
        server.start()
        place = f"{address(container, PORT)}/{REPOSITORY}"
        client = boto3.client(
            "ecr",
            region_name=REGION,
            endpoint_url="http://{}:{}".format(*server.get_host_and_port()),
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        client.create_repository(repositoryName=REPOSITORY)
        # Where moto says the repository is, no registry answers.
        ecr_backends[DEFAULT_ACCOUNT_ID][REGION].repositories[REPOSITORY].uri = place
        wait_for(
            "the registry",
            lambda: requests.get(f"http://{place.partition('/')[0]}/v2/", timeout=5).status_code,
            lambda status: status == requests.codes.unauthorized,
            timeout_seconds=60,
        )
        yield LocalEcr(client, place)
    finally:
        server.stop()
        container.remove(force=True, v=True)


def built_image(engine: DockerClient) -> str:
    """Builds the registry's image, unless it is there, and returns its reference."""
    context = BuildContext(ROOT / RECIPE.context, RECIPE.dockerfile)
    digest = context.digest({})
    image = images.find(engine, RECIPE, digest)
    if image is None:
        images.prepare(engine, print)
        image = images.build(engine, RECIPE, context, digest, print)
    return f"{RECIPE.name}:{images.short_id(image)}"
