"""`migrate` on a PostgreSQL of its own: two at once, as two new tasks have them, and an upgrade."""

from collections.abc import Callable, Iterator

import docker
import pytest
from container_programs import exec_in
from docker.models.containers import Container
from plain_airflow import environment
from plain_containers import PlainContainers
from plain_stores import DATABASE, PlainStores
from project import ROOT
from waiting import wait_for

from kf_airflow_local import images

pytestmark = pytest.mark.e2e

MIGRATION_SECONDS = 300
OLDER = "3.2.0"
WAITED = "another migration of this database runs; waiting for it to end"


@pytest.fixture(scope="module")
def containers() -> Iterator[PlainContainers]:
    client = docker.from_env()
    made = PlainContainers(client)
    yield made
    made.close()
    client.close()


@pytest.fixture(scope="module")
def references(containers: PlainContainers) -> images.Images:
    return images.ensure(containers.client, ROOT, print)


@pytest.fixture(scope="module")
def stores(
    containers: PlainContainers, references: images.Images, tmp_path_factory: pytest.TempPathFactory
) -> PlainStores:
    return PlainStores(containers, references[images.BACKING], tmp_path_factory.mktemp("ca"))


Start = Callable[..., Container]


@pytest.fixture(scope="module")
def start(containers: PlainContainers, references: images.Images, stores: PlainStores) -> Start:
    """Starts a container with what `migrate` gets."""

    def start(*command: str) -> Container:
        return containers.start(
            "migrate", references[images.AIRFLOW], command, environment=environment("migrate", stores, {})
        )

    return start


def said_by(container: Container) -> str:
    """Returns what a container said, once it has ended well."""
    code = container.wait(timeout=MIGRATION_SECONDS)["StatusCode"]
    said: str = container.logs().decode()
    assert code == 0, said
    return said


def revision(stores: PlainStores) -> str:
    ((found,),) = stores.sql("SELECT version_num FROM alembic_version", DATABASE)
    return found


@pytest.fixture(scope="module")
def worker(containers: PlainContainers, references: images.Images, stores: PlainStores) -> Container:
    """A worker of a first deployment: it is there before the migration, and before any webserver."""
    return containers.start(
        "worker", references[images.AIRFLOW], ("worker",), environment=environment("worker", stores, {})
    )


@pytest.fixture(scope="module")
def healthy_before(worker: Container) -> str:
    """What the worker's health check said before the migration, with success."""

    def health() -> tuple[int | None, str]:
        code, output = exec_in(worker, "health", "worker")
        return code, output.decode()

    return wait_for(
        "the worker waits", health, lambda seen: "first migration" in seen[1], timeout_seconds=60
    )[1]


@pytest.fixture(scope="module")
def migrated(start: Start, healthy_before: str) -> list[str]:
    """What two migrations of the empty database said, which began together."""
    return [said_by(one) for one in [start("migrate"), start("migrate")]]


def test_a_worker_of_a_first_deployment_is_healthy_while_it_waits(healthy_before: str) -> None:
    assert healthy_before.startswith("healthy: waiting for the first migration: ")


@pytest.mark.usefixtures("migrated")
def test_it_works_once_the_migration_has_made_its_role(worker: Container) -> None:
    wait_for(
        "the worker consumes",
        lambda: exec_in(worker, "health", "worker")[1].decode(),
        lambda said: said.startswith("healthy: the event loop turned"),
        timeout_seconds=120,
    )


def test_two_migrations_of_an_empty_database_wait_for_each_other_and_both_succeed(
    migrated: list[str],
) -> None:
    assert sorted(WAITED in said for said in migrated) == [False, True]


@pytest.mark.usefixtures("migrated")
def test_a_database_taken_back_to_an_older_airflow_is_migrated_again(
    start: Start, stores: PlainStores
) -> None:
    newest = revision(stores)
    said_by(start("downgrade", "--to-version", OLDER, "--yes"))
    assert revision(stores) != newest

    said_by(start("migrate"))

    assert revision(stores) == newest
