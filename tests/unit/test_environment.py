import json
from typing import Any

import pytest

from kf_airflow import AirflowConfiguration, DagOptions, WorkerPool
from kf_airflow.environment import Surroundings, environment_of
from kf_airflow.refs import BrokerRef, BucketRef, DatabaseRef

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nprivate\n-----END CERTIFICATE-----\n"


def _surroundings(**changes: Any) -> Surroundings:
    values: dict[str, Any] = {
        "base_url": "https://airflow.example.org",
        "namespace": "kf-airflow-dev.internal",
        "region": "us-east-1",
        "bucket": BucketRef(name="logs-bucket", arn="arn:bucket"),
        "database": DatabaseRef(address="db.example.org", name="airflow", secret_arn="arn:db"),
        "broker": BrokerRef(address="redis.example.org", secret_arn="arn:redis"),
        "cluster_name": "kf-airflow-dev",
        "airflow_service": "kf-airflow-dev-airflow",
        "worker_pools": {
            "kf-airflow-dev-worker": WorkerPool(cpu=1024, memory_mib=4096, queues=("default", "slow")),
            "kf-airflow-dev-gpu": WorkerPool(cpu=256, memory_mib=1024, queues=("gpu",), concurrency=1),
        },
        "parallelism": 12,
    }
    return Surroundings(**{**values, **changes})


def test_workers_reach_the_execution_api_by_its_private_name() -> None:
    environment = environment_of("worker", _surroundings())

    assert (
        environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
        == "http://webserver.kf-airflow-dev.internal:8080/execution/"
    )


def test_logs_go_below_the_bucket_s_prefix() -> None:
    environment = environment_of("worker", _surroundings())

    assert environment["AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER"] == "s3://logs-bucket/logs"


def test_the_entrypoint_is_told_where_the_stores_are() -> None:
    environment = environment_of("scheduler", _surroundings())

    assert {name: value for name, value in environment.items() if name.startswith("KF_AIRFLOW_")} == {
        "KF_AIRFLOW_DATABASE_HOST": "db.example.org",
        "KF_AIRFLOW_DATABASE_PORT": "5432",
        "KF_AIRFLOW_DATABASE_NAME": "airflow",
        "KF_AIRFLOW_BROKER_HOST": "redis.example.org",
        "KF_AIRFLOW_BROKER_PORT": "6379",
        "KF_AIRFLOW_BROKER_TLS": "true",
    }


def test_a_broker_without_tls_is_announced_as_such() -> None:
    broker = BrokerRef(address="redis.example.org", secret_arn="arn:redis", tls=False)

    assert environment_of("worker", _surroundings(broker=broker))["KF_AIRFLOW_BROKER_TLS"] == "false"


def test_private_cas_are_handed_over_only_if_there_are_any() -> None:
    without = environment_of("worker", _surroundings())
    with_ca = environment_of("worker", _surroundings(ca_certificates=CERTIFICATE))

    assert (without.get("KF_AIRFLOW_CA_CERTIFICATES"), with_ca["KF_AIRFLOW_CA_CERTIFICATES"]) == (
        None,
        CERTIFICATE,
    )


def test_only_who_has_a_concurrency_is_told_it() -> None:
    concurrency = [
        environment_of("worker", _surroundings(), concurrency=given).get(
            "AIRFLOW__CELERY__WORKER_CONCURRENCY"
        )
        for given in (6, None)
    ]

    assert concurrency == ["6", None]


def test_only_migrations_go_past_a_proxy() -> None:
    proxy = DatabaseRef(
        address="proxy.example.org", direct_address="db.example.org", name="airflow", secret_arn="arn:db"
    )
    hosts = {
        component: environment_of(component, _surroundings(database=proxy)).get("KF_AIRFLOW_MASTER_HOST")
        for component in ("migrate", "scheduler", "worker")
    }

    assert hosts == {"migrate": "db.example.org", "scheduler": None, "worker": None}


@pytest.mark.parametrize("component", ["worker", "scheduler", "flower"])
def test_whoever_speaks_to_the_broker_waits_for_it_and_notices_a_dead_connection(component: str) -> None:
    environment = environment_of(component, _surroundings())
    options = "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__"

    assert {
        name.removeprefix(options): value for name, value in environment.items() if name.startswith(options)
    } == {
        "VISIBILITY_TIMEOUT": "604800",
        "HEALTH_CHECK_INTERVAL": "15",
        "SOCKET_KEEPALIVE": "True",
        "SOCKET_CONNECT_TIMEOUT": "10",
        "SOCKET_TIMEOUT": "15",
        "RETRY_ON_TIMEOUT": "False",
    }


def test_only_the_scheduler_has_the_executor_that_waits_for_the_broker() -> None:
    executors = {
        component: environment_of(component, _surroundings())["AIRFLOW__CORE__EXECUTOR"]
        for component in ("webserver", "scheduler", "worker")
    }

    assert executors == {
        "webserver": "CeleryExecutor",
        "scheduler": "CeleryExecutor:kf_airflow_runtime.patient_executor.PatientCeleryExecutor",
        "worker": "CeleryExecutor",
    }


def test_a_queued_task_is_sent_again_for_a_day_before_it_fails() -> None:
    environment = environment_of("scheduler", _surroundings())
    again = int(environment["AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES"])

    assert (again + 1) * int(environment["AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT"]) == 24 * 3600


@pytest.mark.parametrize("seconds", [30, 300, 900, 3600])
def test_a_task_s_token_outlasts_the_silence_that_the_scheduler_endures(seconds: int) -> None:
    configuration = AirflowConfiguration(task_heartbeat_timeout_seconds=seconds)
    environment = environment_of("webserver", _surroundings(configuration=configuration))

    # It is renewed when a fifth is left of it.
    assert 0.2 * int(environment["AIRFLOW__EXECUTION_API__JWT_EXPIRATION_TIME"]) >= seconds


@pytest.mark.parametrize("seconds", [30, 300, 900, 3600])
def test_a_task_that_is_cut_off_ends_itself_only_after_the_scheduler_has_given_it_up(seconds: int) -> None:
    configuration = AirflowConfiguration(task_heartbeat_timeout_seconds=seconds)
    environment = environment_of("worker", _surroundings(configuration=configuration))
    tries = int(environment["AIRFLOW__WORKERS__EXECUTION_API_RETRIES"])
    wait = int(environment["AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX"])
    # The client waits for a random time from one second to that, which it reaches by doubling: the means.
    request = sum((1 + min(2**number, wait)) / 2 for number in range(tries - 1))
    ends = request * int(environment["AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS"])

    assert seconds + 10 < ends < 2 * seconds + 600


def test_airflow_s_settings_replace_ours() -> None:
    configuration = AirflowConfiguration(default_task_retries=5, default_timezone="America/New_York")
    environment = environment_of("worker", _surroundings(configuration=configuration))

    assert (
        environment["AIRFLOW__CORE__DEFAULT_TASK_RETRIES"],
        environment["AIRFLOW__CORE__DEFAULT_TIMEZONE"],
    ) == ("5", "America/New_York")


def test_variables_of_one_service_come_after_those_of_all() -> None:
    surroundings = _surroundings(extra={"COLOUR": "red"})

    assert environment_of("worker", surroundings, extra={"COLOUR": "blue"})["COLOUR"] == "blue"


def test_only_the_webserver_believes_proxy_headers() -> None:
    trusted = {
        component: environment_of(component, _surroundings()).get("FORWARDED_ALLOW_IPS")
        for component in ("webserver", "worker", "flower")
    }

    assert trusted == {"webserver": "*", "worker": None, "flower": None}


@pytest.mark.parametrize(
    ("base_url", "secure"), [("https://airflow.example.org", "True"), ("http://localhost:8080", None)]
)
def test_behind_https_the_cookie_of_the_login_is_sent_over_https_alone(
    base_url: str, secure: str | None
) -> None:
    environment = environment_of("webserver", _surroundings(base_url=base_url))

    assert environment.get("AIRFLOW__FAB__COOKIE_SECURE") == secure


@pytest.mark.parametrize(("days", "known"), [(90, "90"), (None, None)])
def test_the_webserver_knows_for_how_long_logs_are_kept(days: int | None, known: str | None) -> None:
    bucket = BucketRef(name="logs", arn="arn:aws:s3:::logs", retention_days=days)
    environments = [
        environment_of(name, _surroundings(bucket=bucket)) for name in ("webserver", "worker", "scheduler")
    ]

    assert [one.get("KF_AIRFLOW_LOG_RETENTION_DAYS") for one in environments] == [known, None, None]


def test_flower_lives_below_its_prefix() -> None:
    assert environment_of("flower", _surroundings())["AIRFLOW__CELERY__FLOWER_URL_PREFIX"] == "/flower"


def test_variables_of_the_user_come_last() -> None:
    surroundings = _surroundings(extra={"AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "5"})

    assert environment_of("scheduler", surroundings)["AIRFLOW__CORE__DEFAULT_TASK_RETRIES"] == "5"


def test_variables_the_image_reads_for_itself_are_refused() -> None:
    with pytest.raises(
        ValueError, match="environment sets KF_AIRFLOW_BROKER_TLS: allowed are names that do not"
    ):
        _surroundings(extra={"KF_AIRFLOW_BROKER_TLS": "false"})


def test_cas_that_are_not_pem_are_refused() -> None:
    with pytest.raises(ValueError, match="ca_certificates has no certificate: allowed is PEM text"):
        _surroundings(ca_certificates="a file of something else")


def test_more_cas_than_a_task_definition_has_room_for_are_refused() -> None:
    with pytest.raises(ValueError, match="ca_certificates has 12400 bytes: allowed are 5120"):
        _surroundings(ca_certificates=CERTIFICATE * 200)


def test_what_measures_is_told_the_pools_of_workers_and_nothing_of_airflow() -> None:
    environment = environment_of("metrics", _surroundings())

    assert json.loads(environment.pop("KF_AIRFLOW_WORKER_POOLS")) == [
        {"service": "kf-airflow-dev-worker", "queues": ["default", "slow"], "concurrency": 8},
        {"service": "kf-airflow-dev-gpu", "queues": ["gpu"], "concurrency": 1},
    ]
    assert environment == {
        "AWS_DEFAULT_REGION": "us-east-1",
        "KF_AIRFLOW_CLUSTER": "kf-airflow-dev",
        "KF_AIRFLOW_SERVICE": "kf-airflow-dev-airflow",
        "KF_AIRFLOW_HEARTBEAT_TIMEOUT_SECONDS": "300",
        "KF_AIRFLOW_DATABASE_HOST": "db.example.org",
        "KF_AIRFLOW_DATABASE_PORT": "5432",
        "KF_AIRFLOW_DATABASE_NAME": "airflow",
    }


def test_what_measures_gets_the_users_variables_and_certificates_too() -> None:
    surroundings = _surroundings(extra={"AWS_ENDPOINT_URL": "http://aws"}, ca_certificates=CERTIFICATE)
    environment = environment_of("metrics", surroundings, extra={"COLOUR": "blue"})

    assert (environment["AWS_ENDPOINT_URL"], environment["COLOUR"]) == ("http://aws", "blue")
    assert environment["KF_AIRFLOW_CA_CERTIFICATES"] == CERTIFICATE


@pytest.mark.parametrize("component", ["webserver", "scheduler", "dag-processor", "triggerer", "worker"])
def test_whoever_has_to_do_with_dags_finds_them_in_the_same_place(component: str) -> None:
    surroundings = _surroundings(dags=DagOptions(archive_retention_days=7, cache_mib=512))
    variables = environment_of(component, surroundings)

    assert json.loads(variables["AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST"]) == [
        {
            "name": "dags-folder",
            "classpath": "kf_airflow_runtime.dag_bundle.ArchivedDagBundle",
            "kwargs": {"bucket": "logs-bucket", "prefix": "dags", "retention_days": 7, "cache_mib": 512},
        }
    ]


@pytest.mark.parametrize("component", ["migrate", "flower", "metrics"])
def test_the_others_know_of_no_dags(component: str) -> None:
    assert "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST" not in environment_of(component, _surroundings())


def test_a_dag_processor_writes_each_version_at_once() -> None:
    variables = environment_of("dag-processor", _surroundings())

    assert variables["AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL"] == "0"


@pytest.mark.parametrize("component", ["dag-processor", "worker"])
def test_airflow_s_own_clearing_of_bundles_is_off(component: str) -> None:
    variables = environment_of(component, _surroundings())

    assert variables["AIRFLOW__DAG_PROCESSOR__STALE_BUNDLE_CLEANUP_INTERVAL"] == "0"
