"""The image with Airflow's own defaults, as the official compose file of Airflow runs them."""

from collections.abc import Mapping
from typing import Any

from plain_airflow import PlainAirflow

_COMPOSE = {
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__CELERY__WORKER_CONCURRENCY",
    "AIRFLOW__CORE__AUTH_MANAGER",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
    "AIRFLOW__CORE__EXECUTOR",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__CORE__LOAD_EXAMPLES",
    "AIRFLOW__CORE__PARALLELISM",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL",
    "AIRFLOW__LOGGING__REMOTE_LOGGING",
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK",
}
"""What it sets, what has to be said of a deployment, and what the benchmark has the same on both sides."""

_DEFAULTS = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS": (
        "airflow.providers.celery.executors.default_celery.DEFAULT_CELERY_CONFIG"
    ),
}
_PLAIN_WORKER = """
from dataclasses import replace
from kf_airflow_runtime import entrypoint
worker = entrypoint.COMMANDS["worker"]
plain = tuple(word for word in worker.argv if not word.startswith("--without-"))
entrypoint.COMMANDS["worker"] = replace(worker, argv=plain)
entrypoint.main()
"""


class StockAirflow(PlainAirflow):
    """The same containers, with none of the library's settings and none of the image's for Celery."""

    def _options(self, component: str) -> dict[str, Any]:
        plain = {"entrypoint": ["tini", "--", "python", "-c", _PLAIN_WORKER]} if component == "worker" else {}
        return {**super()._options(component), **plain}

    def _environment(self, component: str, changes: Mapping[str, str | None]) -> dict[str, str]:
        ours = super()._environment(component, changes)
        kept = {
            name: value
            for name, value in ours.items()
            if not name.startswith("AIRFLOW__") or name in _COMPOSE
        }
        return {**kept, **_DEFAULTS}
