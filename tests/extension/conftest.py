"""The contract suite: what AWS's documentation promises, asked through the API alone (`nox -s extension`)."""

import os
from collections.abc import Iterator

import pytest
from balancing import Front
from contract import IN_AWS, Cloud
from project import ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever restarts LocalStack comes last."""
    items.sort(key=lambda item: item.get_closest_marker("restarts") is not None)


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The cloud; what a test makes in it is removed at the end."""
    cloud = Cloud(image=os.environ["CONTRACT_IMAGE"] if IN_AWS else _built())
    try:
        yield cloud
    finally:
        cloud.close()


@pytest.fixture(scope="session")
def front(cloud: Cloud) -> Front:
    """A load balancer; tests add listeners and target groups of their own."""
    return Front(cloud)


@pytest.fixture(scope="session")
def servers(front: Front) -> dict[str, str]:
    """Addresses of two tasks, blue and green, that serve HTTP at 8000."""
    return front.serve("blue", "green")


def _built() -> str:
    """Builds the suite's image, unless it is there."""
    from kf_airflow_local import engine, images
    from kf_airflow_local.build_context import BuildContext

    recipe = images.Recipe("kf-airflow-contract", context="tests/extension/image")
    client = engine.client()
    context = BuildContext(ROOT / recipe.context, recipe.dockerfile)
    digest = context.digest({})
    image = images.find(client, recipe, digest)
    if image is None:
        images.prepare(client, print)
        image = images.build(client, recipe, context, digest, print)
    return f"{recipe.name}:{images.short_id(image)}"
