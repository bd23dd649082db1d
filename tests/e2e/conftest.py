"""Fixtures of the end-to-end tests. They need the local system: `nox -s e2e`."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator

import pytest
from airflow_api import AirflowApi
from e2e_report.results import PICTURE
from local_system import LocalSystem
from playwright.sync_api import Page
from project import E2E_REPORT, ROOT

from kf_airflow_local.cdktf_cli import cdktf_command, cdktf_environment

CDKTF_SECONDS = 600


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


@pytest.fixture(scope="session")
def cdktf() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the npm CLI on this project as a user does, against LocalStack."""
    npx = shutil.which("npx")
    assert npx, "npx is not on PATH: install Node.js 20 or newer"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = cdktf_command(*arguments)
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=cdktf_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, errors = process.communicate(timeout=CDKTF_SECONDS)
        except subprocess.TimeoutExpired:
            # With its children: a Terraform that went on would work against what comes after this test.
            os.killpg(process.pid, signal.SIGTERM)
            output, errors = process.communicate(timeout=60)
            errors += f"{command} did not end within {CDKTF_SECONDS} s"
        return subprocess.CompletedProcess(command, process.returncode, output, errors)

    return run


@pytest.fixture(scope="session")
def destroyed(system: LocalSystem, cdktf: Callable[..., subprocess.CompletedProcess[str]]) -> LocalSystem:
    """The system, taken down by `cdktf destroy`."""
    gone = cdktf("destroy", "airflow-local", "--auto-approve")
    assert gone.returncode == 0, gone.stdout + gone.stderr
    return system


@pytest.fixture
def take_picture(record_property: Callable[[str, object], None]) -> Callable[[Page, str], None]:
    """Takes a picture of a page for the report of the session."""

    def take(page: Page, name: str) -> None:
        E2E_REPORT.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=E2E_REPORT / f"{name}.png")
        record_property(PICTURE, f"{name}.png")

    return take
