"""Airflow in plain containers, with times so short that a test can wait for them (`nox -s limits`)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from plain_airflow import PlainAirflow
from plain_containers import PlainContainers
from plain_stores import PlainStores
from project import ROOT

from kf_airflow_local import engine, images

# Airflow's minutes as seconds. Everything else is the library's.
SHORT: dict[str, str | None] = {
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "3",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
}


@pytest.fixture(scope="session")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainAirflow]:
    """The library's settings."""
    yield from _running(tmp_path_factory.mktemp("ca"), SHORT)


def _running(authority: Path, changes: dict[str, str | None]) -> Iterator[PlainAirflow]:
    client = engine.client()
    references = images.ensure(client, ROOT, print)
    containers = PlainContainers(client)
    try:
        stores = PlainStores(containers, references[images.BACKING], authority)
        dags = Path(__file__).parent / "dags" / "limits.py"
        yield PlainAirflow(containers, stores, references[images.AIRFLOW], dags, changes)
    except BaseException:
        print(containers.last_words())
        raise
    finally:
        containers.close()
