"""Celery's configuration in worker, scheduler and Flower: Airflow's own, with what no option of Airflow sets.

The entrypoint names it in `AIRFLOW__CELERY__CELERY_CONFIG_OPTIONS`, the hook Airflow has for this. What a
user says in `AIRFLOW__CELERY__EXTRA_CELERY_CONFIG` is in Airflow's own and wins.
"""

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from celery.signals import celeryd_init

from kf_airflow_runtime.preloading import preload
from kf_airflow_runtime.task_end import notice_at_once
from kf_airflow_runtime.task_events import TaskEvents
from kf_airflow_runtime.termination import TerminationStep
from kf_airflow_runtime.unsent_logs import WORTH_WAITING_SECONDS
from kf_airflow_runtime.worker_drain import DrainStep
from kf_airflow_runtime.worker_health import LoopStep, ServerStep
from kf_airflow_runtime.worker_logs import LogSenderStep
from kf_airflow_runtime.worker_protection import ProtectionStep
from kf_airflow_runtime.worker_reconnection import ReconnectionStep

_LONGEST_PAUSE_MS = 5000
"""Between two tries of a result. Celery takes any pause up to that, so half of it on average."""

CELERY_CONFIG: dict[str, Any] = {
    # A broker that is away is waited for, however long; Celery would give up after a hundred tries.
    "broker_connection_max_retries": None,
    # In a failover a Redis may refuse to be written to before its name leads to another. Celery would end the
    # worker, and its tasks.
    "broker_channel_error_retry": True,
    # A result that PostgreSQL does not take is tried until it does. Celery tries three times within no time:
    # a task would not begin, or end without the executor ever hearing of it, which keeps a slot for good.
    "result_backend_always_retry": True,
    "result_backend_max_sleep_between_retries_ms": _LONGEST_PAUSE_MS,
    # A worker whose login was changed keeps its tasks, and is protected, until then: for as long as a log
    # would keep it, and not for two days.
    "result_backend_max_retries": round(WORTH_WAITING_SECONDS * 1000 / (_LONGEST_PAUSE_MS / 2)),
    **DEFAULT_CELERY_CONFIG,
    # Else Flower has to switch the events on, and never sees what a new worker did before.
    "worker_send_task_events": True,
    # `ReconnectionStep` counts the messages of running tasks on a new connection; once is enough.
    "worker_enable_prefetch_count_reduction": False,
}


@celeryd_init.connect  # type: ignore[untyped-decorator]
def add_steps(instance: Any, **_: Any) -> None:
    """Adds the steps to the worker that starts. Celery sends this before it builds its own."""
    instance.app.steps["worker"].update((ServerStep, ProtectionStep, TerminationStep, LogSenderStep))
    instance.app.steps["consumer"].update((LoopStep, DrainStep, ReconnectionStep))


@celeryd_init.connect  # type: ignore[untyped-decorator]
def shorten_tasks(**_: Any) -> None:
    """Spares each task what it need not wait for, before the processes are forked that tasks run in."""
    preload()
    # Not in the scheduler and Flower, which read this file too.
    from airflow.sdk.execution_time.supervisor import WatchedSubprocess

    from kf_airflow_runtime.dag_bundle import read_own_folders

    read_own_folders()
    notice_at_once(WatchedSubprocess)


@celeryd_init.connect  # type: ignore[untyped-decorator]
def tell_of_tasks(**_: Any) -> None:
    """Has each process of the pool say which task it begins and ends."""
    TaskEvents().connect()
