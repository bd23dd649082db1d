"""Two `migrate` containers at once, as two new tasks of `airflow` have them, on a PostgreSQL of their own."""

from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.models.containers import Container
from plain_airflow import environment
from plain_containers import PlainContainers
from plain_stores import DATABASE, PlainStores
from project import ROOT

from kf_airflow_local import images

pytestmark = pytest.mark.e2e

MIGRATION_SECONDS = 180
WAITED = "migrate: another migration of this database runs; waiting for it to end"


@pytest.fixture
def containers() -> Iterator[PlainContainers]:
    client = docker.from_env()
    made = PlainContainers(client)
    yield made
    made.close()
    client.close()


@pytest.fixture
def stores(containers: PlainContainers, tmp_path: Path) -> PlainStores:
    references = images.ensure(containers.client, ROOT, print)
    return PlainStores(containers, references[images.BACKING], tmp_path / "ca")


def migration(containers: PlainContainers, stores: PlainStores) -> Container:
    image = images.ensure(containers.client, ROOT, print)[images.AIRFLOW]
    return containers.start("migrate", image, ("migrate",), environment=environment("migrate", stores, {}))


def test_two_migrations_of_an_empty_database_wait_for_each_other_and_both_succeed(
    containers: PlainContainers, stores: PlainStores
) -> None:
    both = [migration(containers, stores) for _ in range(2)]

    codes = [one.wait(timeout=MIGRATION_SECONDS)["StatusCode"] for one in both]
    said = [one.logs().decode() for one in both]

    assert codes == [0, 0], "\n".join(said)
    assert sorted(WAITED in text for text in said) == [False, True]
    assert stores.sql("SELECT count(*) FROM alembic_version", DATABASE) == [["1"]]
