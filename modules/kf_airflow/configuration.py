"""Airflow's own settings, as far as they have a type here; all others are free variables."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass

from kf_airflow.tables import Table

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

# What `environment` sets unless told otherwise. When the broker hands out a task again:
VISIBILITY_TIMEOUT_SECONDS = 604800
# When the scheduler sends a task again that no worker has taken: Airflow's own default.
TASK_QUEUED_TIMEOUT_SECONDS = 600
# How often it does, for a day: by then nothing serves that queue.
TASK_QUEUED_RETRIES = 143
# When a task that is not heard of counts as dead: longer than a webserver or a database is away while it is
# replaced, as nobody can be heard of then.
TASK_HEARTBEAT_TIMEOUT_SECONDS = 300

_TIMEZONE = re.compile(r"[A-Za-z0-9]+(?:[/_+-][A-Za-z0-9]+)*")
_QUEUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")

# The option each setting becomes.
# https://airflow.apache.org/docs/apache-airflow/3.3.2/configurations-ref.html
# https://airflow.apache.org/docs/apache-airflow-providers-celery/3.26.0/configurations-ref.html
VARIABLES: Mapping[str, str] = {
    "default_timezone": "AIRFLOW__CORE__DEFAULT_TIMEZONE",
    "parallelism": "AIRFLOW__CORE__PARALLELISM",
    "max_active_tasks_per_dag": "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG",
    "max_active_runs_per_dag": "AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG",
    "default_pool_slots": "AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT",
    "default_task_retries": "AIRFLOW__CORE__DEFAULT_TASK_RETRIES",
    "default_task_retry_delay_seconds": "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY",
    "default_task_timeout_seconds": "AIRFLOW__CORE__DEFAULT_TASK_EXECUTION_TIMEOUT",
    "default_queue": "AIRFLOW__OPERATORS__DEFAULT_QUEUE",
    "dags_paused_at_creation": "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION",
    "catchup_by_default": "AIRFLOW__SCHEDULER__CATCHUP_BY_DEFAULT",
    "max_tasks_per_query": "AIRFLOW__SCHEDULER__MAX_TIS_PER_QUERY",
    "task_queued_timeout_seconds": "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT",
    "task_queued_retries": "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES",
    "task_heartbeat_timeout_seconds": "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT",
    "parsing_processes": "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES",
    "dag_refresh_interval_seconds": "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL",
    "dag_file_interval_seconds": "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL",
    "dag_file_timeout_seconds": "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT",
    "triggerer_capacity": "AIRFLOW__TRIGGERER__CAPACITY",
    "webserver_workers": "AIRFLOW__API__WORKERS",
    "instance_name": "AIRFLOW__API__INSTANCE_NAME",
    "login_lifetime_seconds": "AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME",
    "visibility_timeout_seconds": "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT",
    "log_level": "AIRFLOW__LOGGING__LOGGING_LEVEL",
    "task_logs_to_stdout": "AIRFLOW__CELERY__TASK_LOGS_TO_STDOUT",
    "database_pool_size": "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE",
    "database_pool_overflow": "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW",
}

# The lowest value of each number.
_LOWEST: Mapping[str, int] = {
    "parallelism": 1,
    "max_active_tasks_per_dag": 1,
    "max_active_runs_per_dag": 1,
    "default_pool_slots": 1,
    "default_task_retries": 0,
    "default_task_retry_delay_seconds": 0,
    "default_task_timeout_seconds": 1,
    "max_tasks_per_query": 1,
    # The scheduler looks every 30 seconds, and a worker that is started takes a minute to come.
    "task_queued_timeout_seconds": 60,
    "task_queued_retries": 0,
    # Tasks report every five seconds, and an api-server that is replaced answers none for some.
    "task_heartbeat_timeout_seconds": 30,
    "parsing_processes": 1,
    "dag_refresh_interval_seconds": 1,
    "dag_file_interval_seconds": 0,
    "dag_file_timeout_seconds": 1,
    "triggerer_capacity": 1,
    "webserver_workers": 1,
    "login_lifetime_seconds": 60,
    # Celery's own default; shorter, and tasks of an ordinary length are delivered twice.
    "visibility_timeout_seconds": 3600,
    "database_pool_size": 1,
    "database_pool_overflow": 0,
}


@dataclass(frozen=True, kw_only=True)
class AirflowConfiguration(Table):
    """Airflow's own settings that a deployment has reason to change.

    Args:
        default_timezone: What DAGs that name none mean by a time, such as `America/New_York`. UTC if left
            out.
        parallelism: How many tasks each scheduler lets run at once. If left out, what all workers together
            have room for, shared among the schedulers.
        max_active_tasks_per_dag: How many tasks of one run of a DAG run at once. 16 if left out.
        max_active_runs_per_dag: How many runs of a DAG there are at once. 16 if left out.
        default_pool_slots: The slots of the pool `default_pool`, as the database is made. 128 if left out.
        default_task_retries: How often a task is tried again. 2 if left out, for a worker that is taken away
            costs a try.
        default_task_retry_delay_seconds: How long it waits for that. 300 s if left out.
        default_task_timeout_seconds: When a task that runs is ended, less than `visibility_timeout_seconds`.
            Never if left out.
        default_queue: The queue of tasks that name none; a pool of workers has to serve it. `default` if left
            out.
        dags_paused_at_creation: Whether a new DAG waits until somebody switches it on. True if left out.
        catchup_by_default: Whether a DAG runs for the intervals it has missed. False if left out.
        max_tasks_per_query: How many tasks a scheduler looks at together. 16 if left out.
        task_queued_timeout_seconds: When a queued task that no worker has taken is sent again, as its
            message may be lost. 600 s if left out.
        task_queued_retries: How often it is sent again before it fails. 143 times if left out: a day in all.
        task_heartbeat_timeout_seconds: When a task that is not heard of counts as dead, so what the loss of
            a worker costs, and how long the webserver or the database may be away. 300 s if left out.
        parsing_processes: How many files a DAG processor reads at once. 2 if left out.
        dag_refresh_interval_seconds: How often it looks for new files. 300 s if left out.
        dag_file_interval_seconds: How long it leaves a file alone once read. 30 s if left out.
        dag_file_timeout_seconds: When it gives up a file. 50 s if left out.
        triggerer_capacity: How many deferred tasks a triggerer watches. 1000 if left out.
        webserver_workers: How many processes a webserver has, each with some 350 MiB, for which its
            container has to have room. One if left out.
        instance_name: What the user interface calls itself, in its title and above its first page. `Airflow`
            and `Welcome` if left out.
        login_lifetime_seconds: How long a login is good. 86400 s (a day) if left out.
        visibility_timeout_seconds: When the broker hands out a task again that no worker has finished. It has
            to be longer than the longest task, for Airflow ends that one then. 604800 s (a week) if left out.
        log_level: `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`. `INFO` if left out.
        task_logs_to_stdout: Whether the workers' CloudWatch logs have the tasks' logs as well. False if left
            out.
        database_pool_size: How many connections to the database each process keeps. 5 if left out.
        database_pool_overflow: How many more it opens under load. 10 if left out.

    Raises:
        ValueError: if a value is not allowed, or two contradict each other.
    """

    default_timezone: str | None = None
    parallelism: int | None = None
    max_active_tasks_per_dag: int | None = None
    max_active_runs_per_dag: int | None = None
    default_pool_slots: int | None = None
    default_task_retries: int | None = None
    default_task_retry_delay_seconds: int | None = None
    default_task_timeout_seconds: int | None = None
    default_queue: str | None = None
    dags_paused_at_creation: bool | None = None
    catchup_by_default: bool | None = None
    max_tasks_per_query: int | None = None
    task_queued_timeout_seconds: int | None = None
    task_queued_retries: int | None = None
    task_heartbeat_timeout_seconds: int | None = None
    parsing_processes: int | None = None
    dag_refresh_interval_seconds: int | None = None
    dag_file_interval_seconds: int | None = None
    dag_file_timeout_seconds: int | None = None
    triggerer_capacity: int | None = None
    webserver_workers: int | None = None
    instance_name: str | None = None
    login_lifetime_seconds: int | None = None
    visibility_timeout_seconds: int | None = None
    log_level: str | None = None
    task_logs_to_stdout: bool | None = None
    database_pool_size: int | None = None
    database_pool_overflow: int | None = None

    def __post_init__(self) -> None:
        for name, lowest in _LOWEST.items():
            value = getattr(self, name)
            if value is not None and value < lowest:
                raise ValueError(f"{name} is {value}: allowed are {lowest} and more")
        if self.log_level is not None and self.log_level not in LOG_LEVELS:
            raise ValueError(f"log_level is {self.log_level!r}: allowed are {', '.join(LOG_LEVELS)}")
        if self.default_timezone is not None:
            _check_timezone(self.default_timezone)
        if self.default_queue is not None:
            checked_queue("default_queue", self.default_queue)
        if self.instance_name is not None and not self.instance_name.strip():
            raise ValueError(f"instance_name is {self.instance_name!r}: allowed is a name that can be read")
        self._check_longest_task()

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of what is set."""
        values = {variable: getattr(self, name) for name, variable in VARIABLES.items()}
        return {variable: str(value) for variable, value in values.items() if value is not None}

    @property
    def longest_queued_seconds(self) -> int:
        """How long a task may be queued before Airflow fails it, whatever its retries."""
        timeout = self.task_queued_timeout_seconds or TASK_QUEUED_TIMEOUT_SECONDS
        retries = TASK_QUEUED_RETRIES if self.task_queued_retries is None else self.task_queued_retries
        return timeout * (retries + 1)

    def _check_longest_task(self) -> None:
        # A message that is handed out again ends the task that its first copy began.
        longest, visibility = self.default_task_timeout_seconds, self.visibility_timeout_seconds
        if longest is None or longest < (visibility or VISIBILITY_TIMEOUT_SECONDS):
            return
        if visibility is None:
            raise ValueError(
                f"default_task_timeout_seconds is {longest}: allowed are less than "
                f"visibility_timeout_seconds, which is {VISIBILITY_TIMEOUT_SECONDS} if left out"
            )
        raise ValueError(
            f"visibility_timeout_seconds is {visibility}: allowed are more than "
            f"default_task_timeout_seconds, which is {longest}"
        )


def _check_timezone(name: str) -> None:
    # Airflow says nothing of a name that it does not know: it takes UTC (airflow/settings.py).
    known = zoneinfo.available_timezones()
    # There is no list on a computer without tzdata; two names Airflow knows without it.
    good = not known or name in known or name == "system" or name.lower() == "utc"
    if not good or not _TIMEZONE.fullmatch(name):
        raise ValueError(
            f"default_timezone is {name!r}: allowed are names of time zones such as America/New_York"
        )


def checked_queue(key: str, queue: str) -> str:
    """Returns the name of a Celery queue if it is one.

    Args:
        key: The setting it stands in.
        queue: The name.

    Raises:
        ValueError: if Celery's command line or Airflow's database would not take it as it is.
    """
    if not _QUEUE.fullmatch(queue):
        raise ValueError(
            f"{key} is {queue!r}: allowed are letters, digits, dots, hyphens and underscores, "
            "a letter or digit first, at most 255 characters"
        )
    return queue
