"""Celery's configuration in the worker: Airflow's own, with what health checks and Flower need.

The entrypoint names it in `AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS`, the hook Airflow has for this.
"""

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from celery.signals import celeryd_init

from kf_airflow_runtime.termination import TerminationStep
from kf_airflow_runtime.worker_drain import DrainStep
from kf_airflow_runtime.worker_health import LoopStep, ServerStep
from kf_airflow_runtime.worker_protection import ProtectionStep
from kf_airflow_runtime.worker_reconnection import ReconnectionStep

CELERY_CONFIG: dict[str, Any] = {
    **DEFAULT_CELERY_CONFIG,
    # Else Flower has to switch the events on, and never sees what a new worker did before.
    "worker_send_task_events": True,
    # `ReconnectionStep` counts the messages of running tasks on a new connection; once is enough.
    "worker_enable_prefetch_count_reduction": False,
}


@celeryd_init.connect  # type: ignore[untyped-decorator]
def add_steps(instance: Any, **_: Any) -> None:
    """Adds the steps to the worker that starts. Celery sends this before it builds its own."""
    instance.app.steps["worker"].update((ServerStep, ProtectionStep, TerminationStep))
    instance.app.steps["consumer"].update((LoopStep, DrainStep, ReconnectionStep))
