"""Fixtures of the end-to-end tests. They need the local system: `nox -s e2e`."""

from collections.abc import Iterator

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what takes the system down behind everything that needs it."""
    items.sort(key=lambda item: item.get_closest_marker("destroys") is not None)


@pytest.fixture(scope="session")
def system() -> Iterator[LocalSystem]:
    """The system, with one worker that no autoscaler joins: most tests are about what a worker does."""
    system = LocalSystem()
    system.scale("worker", 1)
    try:
        yield system
    finally:
        system.release("worker")


@pytest.fixture(scope="session")
def airflow(system: LocalSystem) -> AirflowApi:
    return system.airflow()


@pytest.fixture
def two_workers(system: LocalSystem) -> Iterator[LocalSystem]:
    """The system with two workers, and as many as before afterwards."""
    before = system.service("worker")["desiredCount"]
    try:
        system.scale("worker", 2)
        yield system
    finally:
        system.scale("worker", before)


@pytest.fixture
def no_worker(system: LocalSystem) -> Iterator[LocalSystem]:
    """The system with no worker at first, and as many as before afterwards."""
    before = system.service("worker")["desiredCount"]
    try:
        system.scale("worker", 0)
        yield system
    finally:
        system.scale("worker", before)
