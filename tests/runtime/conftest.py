"""What the tests of the image's own code share."""

import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def environ() -> dict[str, str]:
    """An environment with everything any command needs, in values that have to be escaped."""
    return {
        "KF_AIRFLOW_DATABASE_HOST": "db.example",
        "KF_AIRFLOW_DATABASE_PORT": "5432",
        "KF_AIRFLOW_DATABASE_NAME": "air flow",
        "KF_AIRFLOW_DATABASE_USERNAME": "meta@x",
        "KF_AIRFLOW_DATABASE_PASSWORD": "p%/@:s w?rd&",
        "KF_AIRFLOW_MASTER_USERNAME": "master",
        "KF_AIRFLOW_MASTER_PASSWORD": "rot/ated",
        "KF_AIRFLOW_RESULTS_USERNAME": "results",
        "KF_AIRFLOW_RESULTS_PASSWORD": "r'es/ult",
        "KF_AIRFLOW_BROKER_HOST": "redis.example",
        "KF_AIRFLOW_BROKER_PORT": "6379",
        "KF_AIRFLOW_BROKER_TLS": "true",
        "KF_AIRFLOW_BROKER_PASSWORD": "tok/en@1",
        "KF_AIRFLOW_ADMIN_USERNAME": "admin",
        "KF_AIRFLOW_ADMIN_PASSWORD": "secret",
        "KF_AIRFLOW_FLOWER_USERNAME": "flower",
        "KF_AIRFLOW_FLOWER_PASSWORD": "pet:al",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://webserver.example:8080/execution/",
        "AIRFLOW__CORE__FERNET_KEY": "fernet",
        "AIRFLOW__API__SECRET_KEY": "key",
        "AIRFLOW__API_AUTH__JWT_SECRET": "jwt",
        "KF_AIRFLOW_CLUSTER": "cluster",
        "KF_AIRFLOW_WORKER_POOLS": '[{"service": "workers", "queues": ["default"], "concurrency": 8}]',
        "KF_AIRFLOW_SERVICE": "airflow",
        "KF_AIRFLOW_HEARTBEAT_TIMEOUT_SECONDS": "300",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PATH": "/usr/bin",
    }


@pytest.fixture
def celery(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """As much of Celery as the worker's modules name: Celery itself is only in the image.

    What was imported over it is forgotten afterwards.
    """
    before = set(sys.modules)
    package: Any = ModuleType("celery")
    package.bootsteps = SimpleNamespace(StartStopStep=Step, CLOSE=2, TERMINATE=3)
    package.signals = SimpleNamespace(
        **{
            name: SimpleNamespace(connect=lambda *_, **__: None)
            for name in ("task_received", "task_prerun", "task_postrun")
        }
    )
    worker: Any = ModuleType("celery.worker")
    worker.state = SimpleNamespace(
        should_stop=None, active_requests=[], reserved_requests=[], task_ready=lambda _request: None
    )
    monkeypatch.setitem(sys.modules, "celery", package)
    monkeypatch.setitem(sys.modules, "celery.worker", worker)
    yield SimpleNamespace(bootsteps=package.bootsteps, state=worker.state)
    for name in set(sys.modules) - before:
        if name.startswith("kf_airflow_runtime."):
            del sys.modules[name]


class Step:
    """Celery's base of a step."""

    def __init__(self, _parent: object = None, **_: object) -> None:
        pass
