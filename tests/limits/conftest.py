"""Airflow in plain containers, with times so short that a test can wait for them (`nox -s limits`)."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import database_disturbances
import disturbances
import pytest
from plain_airflow import PlainAirflow
from plain_containers import PlainContainers
from plain_stores import PlainStores
from project import ROOT

from kf_airflow_local import engine, images

# Airflow's minutes as seconds, the same for both. Everything else is the library's, or Airflow's default.
SHORT: dict[str, str | None] = {
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "15",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "3",
    # Less than the webserver is away.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "45",
}
_BROKER = "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__"
STOCK: dict[str, str | None] = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS": (
        "airflow.providers.celery.executors.default_celery.DEFAULT_CELERY_CONFIG"
    ),
    # More than that: else a task would be given up for its silence before the rest could be seen.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "120",
    **dict.fromkeys(
        (
            "AIRFLOW__CELERY__OPERATION_TIMEOUT",
            "AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES",
            "AIRFLOW__CELERY__RESULT_BACKEND_SQLALCHEMY_ENGINE_OPTIONS",
            "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES",
            "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL",
            "AIRFLOW__EXECUTION_API__JWT_EXPIRATION_TIME",
            "AIRFLOW__WORKERS__EXECUTION_API_RETRIES",
            "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX",
            "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS",
            f"{_BROKER}VISIBILITY_TIMEOUT",
            f"{_BROKER}HEALTH_CHECK_INTERVAL",
            f"{_BROKER}SOCKET_KEEPALIVE",
            f"{_BROKER}SOCKET_CONNECT_TIMEOUT",
            f"{_BROKER}SOCKET_TIMEOUT",
            f"{_BROKER}RETRY_ON_TIMEOUT",
        )
    ),
}


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainAirflow]:
    """The library's settings."""
    with _running(tmp_path_factory.mktemp("ca"), SHORT) as airflow:
        yield airflow


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainAirflow]:
    """The same without what the library sets."""
    with _running(tmp_path_factory.mktemp("ca"), {**SHORT, **STOCK}) as airflow:
        yield airflow


@pytest.fixture(scope="session")
def waiting_run(airflow: PlainAirflow) -> str:
    """A run whose task waits for a worker of its queue from the beginning on."""
    return airflow.api.trigger("nobody")


@pytest.fixture(scope="session")
def lost_worker(airflow: PlainAirflow) -> tuple[str, float]:
    """A worker that was killed at the beginning: the run whose task it had, and when."""
    killed = disturbances.worker_killed(airflow, airflow.new_worker("victims"))
    airflow.new_worker("victims")
    return killed


@pytest.fixture(scope="session")
def lost_result(airflow: PlainAirflow) -> str:
    """A run whose worker was killed at the beginning, when it had succeeded and Celery had no result."""
    return database_disturbances.lost_result(airflow)


@pytest.fixture(scope="session")
def vanished_database(airflow: PlainAirflow) -> Iterator[dict[str, float]]:
    """After how many seconds each use of a database fails that vanishes."""
    yield database_disturbances.vanished_database(airflow)
    disturbances.await_scheduler(airflow)


@pytest.fixture(scope="session")
def lost_message(airflow: PlainAirflow) -> tuple[str, float]:
    """A run whose task has lost its message, and when."""
    return disturbances.lost_message(airflow)


@contextmanager
def _running(authority: Path, changes: dict[str, str | None]) -> Iterator[PlainAirflow]:
    client = engine.client()
    references = images.ensure(client, ROOT, print)
    containers = PlainContainers(client)
    try:
        stores = PlainStores(containers, references[images.BACKING], authority)
        dags = Path(__file__).parent / "dags" / "limits.py"
        with closing(PlainAirflow(containers, stores, references[images.AIRFLOW], dags, changes)) as airflow:
            yield airflow
    except AssertionError as error:
        error.add_note(containers.last_words())
        raise
    finally:
        containers.close()
        client.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure tells what explains it."""
    report = yield
    if report.when == "call" and report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, PlainAirflow):
                report.sections.append(("containers", value.last_words()))
    return report
