"""Fixtures of the end-to-end tests. They need the local system: `nox -s e2e`."""

from collections.abc import Callable, Iterator

import pytest
from airflow_api import AirflowApi
from e2e_report.results import PICTURE
from local_system import LocalSystem
from playwright.sync_api import Page
from project import E2E_REPORT


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


@pytest.fixture
def take_picture(record_property: Callable[[str, object], None]) -> Callable[[Page, str], None]:
    """Takes a picture of a page for the report of the session."""

    def take(page: Page, name: str) -> None:
        E2E_REPORT.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=E2E_REPORT / f"{name}.png")
        record_property(PICTURE, f"{name}.png")

    return take
