import dataclasses
import re
import zoneinfo
from typing import Any

import pytest

from kf_airflow.configuration import (
    VARIABLES,
    VISIBILITY_TIMEOUT_SECONDS,
    AirflowConfiguration,
    checked_queue,
)
from kf_airflow.environment import Surroundings, environment_of
from kf_airflow.refs import BrokerRef, BucketRef, DatabaseRef

# One allowed value of each, in the order of the class.
FULL: dict[str, Any] = {
    "default_timezone": "America/New_York",
    "parallelism": 64,
    "max_active_tasks_per_dag": 32,
    "max_active_runs_per_dag": 4,
    "default_pool_slots": 256,
    "default_task_retries": 0,
    "default_task_retry_delay_seconds": 0,
    "default_task_timeout_seconds": 86400,
    "default_queue": "small",
    "dags_paused_at_creation": False,
    "catchup_by_default": True,
    "max_tasks_per_query": 64,
    "task_queued_timeout_seconds": 3600,
    "task_queued_retries": 10,
    "task_heartbeat_timeout_seconds": 600,
    "parsing_processes": 4,
    "dag_refresh_interval_seconds": 60,
    "dag_file_interval_seconds": 0,
    "dag_file_timeout_seconds": 120,
    "triggerer_capacity": 500,
    "webserver_workers": 2,
    "instance_name": "Kids First",
    "login_lifetime_seconds": 28800,
    "visibility_timeout_seconds": 172800,
    "log_level": "DEBUG",
    "task_logs_to_stdout": True,
    "database_pool_size": 3,
    "database_pool_overflow": 0,
}


def test_nothing_is_set_unless_asked_for() -> None:
    assert AirflowConfiguration().variables == {}


def test_every_setting_becomes_an_option_of_airflow() -> None:
    assert [field.name for field in dataclasses.fields(AirflowConfiguration)] == list(VARIABLES) == list(FULL)


def test_values_are_written_as_airflow_reads_them() -> None:
    assert AirflowConfiguration(**FULL).variables == {
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "America/New_York",
        "AIRFLOW__CORE__PARALLELISM": "64",
        "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "32",
        "AIRFLOW__CORE__MAX_ACTIVE_RUNS_PER_DAG": "4",
        "AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT": "256",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "0",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",
        "AIRFLOW__CORE__DEFAULT_TASK_EXECUTION_TIMEOUT": "86400",
        "AIRFLOW__OPERATORS__DEFAULT_QUEUE": "small",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__SCHEDULER__CATCHUP_BY_DEFAULT": "True",
        "AIRFLOW__SCHEDULER__MAX_TIS_PER_QUERY": "64",
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "3600",
        "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "10",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "600",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "4",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "0",
        "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "120",
        "AIRFLOW__TRIGGERER__CAPACITY": "500",
        "AIRFLOW__API__WORKERS": "2",
        "AIRFLOW__API__INSTANCE_NAME": "Kids First",
        "AIRFLOW__API_AUTH__JWT_EXPIRATION_TIME": "28800",
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "172800",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "DEBUG",
        "AIRFLOW__CELERY__TASK_LOGS_TO_STDOUT": "True",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "0",
    }


def _environment(configuration: AirflowConfiguration) -> dict[str, str]:
    return environment_of(
        "worker",
        Surroundings(
            base_url="https://airflow.example.org",
            namespace="kf-airflow-dev.internal",
            region="us-east-1",
            bucket=BucketRef(name="logs", arn="arn:bucket"),
            database=DatabaseRef(address="db.example.org", name="airflow", secret_arn="arn:db"),
            broker=BrokerRef(address="redis.example.org", secret_arn="arn:redis"),
            cluster_name="kf-airflow-dev",
            airflow_service="kf-airflow-dev-airflow",
            worker_pools={},
            parallelism=12,
            configuration=configuration,
        ),
    )


# What the descriptions say of those that are not Airflow's own defaults.
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("default_task_retries", "2"),
        ("task_queued_timeout_seconds", "600"),
        ("task_queued_retries", "143"),
        ("task_heartbeat_timeout_seconds", "300"),
        ("visibility_timeout_seconds", str(VISIBILITY_TIMEOUT_SECONDS)),
    ],
)
def test_what_is_left_out_is_what_its_description_says(setting: str, value: str) -> None:
    assert _environment(AirflowConfiguration())[VARIABLES[setting]] == value
    assert value in (AirflowConfiguration.__doc__ or "")


def test_what_is_set_wins_over_ours() -> None:
    variables = AirflowConfiguration(**FULL).variables

    assert variables.items() <= _environment(AirflowConfiguration(**FULL)).items()


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/Port-au-Prince", "EST5EDT", "utc", "UTC", "system"]
)
def test_time_zones_have_the_names_that_airflow_knows(name: str) -> None:
    assert AirflowConfiguration(default_timezone=name).default_timezone == name


def test_without_a_list_of_time_zones_any_such_name_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zoneinfo, "available_timezones", set)

    assert AirflowConfiguration(default_timezone="Mars/Olympus").default_timezone == "Mars/Olympus"


def test_a_queue_may_be_called_as_celery_and_airflow_can() -> None:
    assert checked_queue("queues", "GPU-large_v2.1") == "GPU-large_v2.1"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"parallelism": 0}, "parallelism is 0: allowed are 1 and more"),
        ({"max_active_tasks_per_dag": 0}, "max_active_tasks_per_dag is 0: allowed are 1 and more"),
        ({"default_task_retries": -1}, "default_task_retries is -1: allowed are 0 and more"),
        (
            {"task_queued_timeout_seconds": 59},
            "task_queued_timeout_seconds is 59: allowed are 60 and more",
        ),
        (
            {"task_heartbeat_timeout_seconds": 29},
            "task_heartbeat_timeout_seconds is 29: allowed are 30 and more",
        ),
        ({"webserver_workers": 0}, "webserver_workers is 0: allowed are 1 and more"),
        ({"login_lifetime_seconds": 59}, "login_lifetime_seconds is 59: allowed are 60 and more"),
        (
            {"visibility_timeout_seconds": 3599},
            "visibility_timeout_seconds is 3599: allowed are 3600 and more",
        ),
        ({"database_pool_size": 0}, "database_pool_size is 0: allowed are 1 and more"),
        ({"database_pool_overflow": -1}, "database_pool_overflow is -1: allowed are 0 and more"),
        (
            {"log_level": "debug"},
            "log_level is 'debug': allowed are DEBUG, INFO, WARNING, ERROR, CRITICAL",
        ),
        (
            {"default_timezone": "America/NewYork"},
            "default_timezone is 'America/NewYork': allowed are names of time zones such as America/New_York",
        ),
        ({"default_timezone": "GMT+1"}, "default_timezone is 'GMT+1': allowed are names of time zones"),
        ({"default_timezone": "System"}, "default_timezone is 'System': allowed are names of time zones"),
        ({"default_timezone": ""}, "default_timezone is '': allowed are names of time zones"),
        ({"instance_name": " "}, "instance_name is ' ': allowed is a name that can be read"),
        (
            {"default_queue": "small,large"},
            "default_queue is 'small,large': allowed are letters, digits, dots, hyphens and underscores",
        ),
        (
            {"visibility_timeout_seconds": 7200, "default_task_timeout_seconds": 7200},
            "visibility_timeout_seconds is 7200: allowed are more than default_task_timeout_seconds, "
            "which is 7200",
        ),
        (
            {"default_task_timeout_seconds": 604800},
            "default_task_timeout_seconds is 604800: allowed are less than visibility_timeout_seconds, "
            "which is 604800 if left out",
        ),
    ],
)
def test_a_value_with_which_airflow_would_not_work_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        AirflowConfiguration(**values)


def test_a_longer_task_is_allowed_where_the_broker_waits_longer() -> None:
    configuration = AirflowConfiguration(
        default_task_timeout_seconds=604800, visibility_timeout_seconds=604801
    )

    assert configuration.default_task_timeout_seconds == 604800


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({}, 24 * 3600),
        ({"task_queued_retries": 0}, 600),
        ({"task_queued_timeout_seconds": 60, "task_queued_retries": 9}, 600),
    ],
)
def test_a_task_may_be_queued_for_its_first_message_and_each_further_one(
    values: dict[str, Any], seconds: int
) -> None:
    assert AirflowConfiguration(**values).longest_queued_seconds == seconds
