import json
import re
from dataclasses import replace
from typing import Any

import pytest

from kf_airflow import Extras, SecretKey, ServiceOptions, WorkerPool
from kf_airflow.components import RECIPIENTS, SERVICES, TARGETS, containers_of
from kf_airflow.configuration import AirflowConfiguration
from kf_airflow.containers import Container
from kf_airflow.environment import MAXIMUM_CA_CERTIFICATES_BYTES, Surroundings
from kf_airflow.image_reference import ImageReference
from kf_airflow.refs import BrokerRef, BucketRef, CredentialsRef, DatabaseRef
from kf_airflow_runtime.entrypoint import COMMANDS

SURROUNDINGS = Surroundings(
    base_url="https://airflow.example.org",
    namespace="kf-airflow-dev.internal",
    region="us-east-1",
    bucket=BucketRef(name="logs-bucket", arn="arn:bucket"),
    database=DatabaseRef(address="db.example.org", name="airflow", secret_arn="arn:db"),
    broker=BrokerRef(address="redis.example.org", secret_arn="arn:redis"),
    cluster_name="kf-airflow-dev",
    airflow_service="kf-airflow-dev-airflow",
    worker_pools={"kf-airflow-dev-worker": WorkerPool(cpu=1024, memory_mib=2048, queues=("default",))},
    parallelism=12,
)
CREDENTIALS = CredentialsRef(
    airflow_secret_arn="arn:airflow",
    metadata_secret_arn="arn:metadata",
    results_secret_arn="arn:results",
    admin_secret_arn="arn:admin",
    flower_secret_arn="arn:flower",
)
WORKER = WorkerPool(cpu=1024, memory_mib=2048, queues=("default", "slow"))
OPTIONS = {
    "airflow": ServiceOptions(cpu=1024, memory_mib=4096),
    "worker": WORKER,
    "flower": ServiceOptions(cpu=256, memory_mib=512),
}


def _containers(service: str, **changes: Any) -> dict[str, Container]:
    values: dict[str, Any] = {
        "image": ImageReference(repository="registry.example.org/kf-airflow", tag="1"),
        "surroundings": SURROUNDINGS,
        "credentials": CREDENTIALS,
        "options": OPTIONS[service],
    }
    return {container.name: container for container in containers_of(service, **{**values, **changes})}


CONTAINERS: dict[str, Container] = {
    name: container for service in SERVICES for name, container in _containers(service).items()
}


def test_three_services_run_eight_containers() -> None:
    assert {service: [component.name for component in parts] for service, parts in SERVICES.items()} == {
        "airflow": ["migrate", "webserver", "scheduler", "dag-processor", "triggerer", "metrics"],
        "worker": ["worker"],
        "flower": ["flower"],
    }


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_s_command_begins_with_its_name(name: str) -> None:
    assert CONTAINERS[name].command[0] == name


def test_a_worker_is_told_its_queues_and_how_many_tasks_it_runs() -> None:
    worker = CONTAINERS["worker"]

    assert worker.command == ("worker", "--queues", "default,slow")
    assert worker.environment["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "6"


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_gets_every_variable_its_command_asks_for(name: str) -> None:
    container = CONTAINERS[name]

    assert set(COMMANDS[name].needs()) <= {*container.environment, *container.secrets}


def test_the_worker_gets_no_metadata_database_no_fernet_key_and_no_jwt_secret() -> None:
    assert {name: key.value_from for name, key in CONTAINERS["worker"].secrets.items()} == {
        "AIRFLOW__API__SECRET_KEY": "arn:airflow:api_secret_key::",
        "KF_AIRFLOW_BROKER_PASSWORD": "arn:redis:password::",
        "KF_AIRFLOW_RESULTS_USERNAME": "arn:results:username::",
        "KF_AIRFLOW_RESULTS_PASSWORD": "arn:results:password::",
    }


def test_flower_gets_the_broker_s_password_and_its_own_login() -> None:
    assert set(CONTAINERS["flower"].secrets) == {
        "KF_AIRFLOW_BROKER_PASSWORD",
        "KF_AIRFLOW_FLOWER_USERNAME",
        "KF_AIRFLOW_FLOWER_PASSWORD",
    }


def test_only_the_migration_knows_the_administrator() -> None:
    assert [
        name for name, container in CONTAINERS.items() if "KF_AIRFLOW_ADMIN_PASSWORD" in container.secrets
    ] == ["migrate"]


def test_only_the_migration_knows_the_master_login_which_rds_changes() -> None:
    assert {
        name: container.secrets["KF_AIRFLOW_MASTER_PASSWORD"].value_from
        for name, container in CONTAINERS.items()
        if "KF_AIRFLOW_MASTER_PASSWORD" in container.secrets
    } == {"migrate": "arn:db:password::"}


def test_everything_else_that_reads_the_metadata_database_has_a_login_that_stays() -> None:
    assert {
        name: container.secrets["KF_AIRFLOW_DATABASE_PASSWORD"].value_from
        for name, container in CONTAINERS.items()
        if "KF_AIRFLOW_DATABASE_PASSWORD" in container.secrets
    } == dict.fromkeys(
        ("migrate", "webserver", "scheduler", "dag-processor", "triggerer", "metrics"),
        "arn:metadata:password::",
    )


def test_what_counts_tasks_gets_a_login_and_no_key() -> None:
    assert set(CONTAINERS["metrics"].secrets) == {
        "KF_AIRFLOW_DATABASE_USERNAME",
        "KF_AIRFLOW_DATABASE_PASSWORD",
    }


def test_a_broker_without_auth_gives_nobody_a_password() -> None:
    surroundings = replace(SURROUNDINGS, broker=BrokerRef(address="redis.example.org"))

    assert (
        "KF_AIRFLOW_BROKER_PASSWORD" not in _containers("flower", surroundings=surroundings)["flower"].secrets
    )


def test_a_secret_knows_the_key_it_is_encrypted_with() -> None:
    credentials = replace(CREDENTIALS, key_arn="arn:key")
    secrets = _containers("worker", credentials=credentials)["worker"].secrets

    assert {name for name, secret in secrets.items() if secret.key_arn == "arn:key"} == {
        "AIRFLOW__API__SECRET_KEY",
        "KF_AIRFLOW_RESULTS_USERNAME",
        "KF_AIRFLOW_RESULTS_PASSWORD",
    }


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_writes_to_three_folders_alone(name: str) -> None:
    container = CONTAINERS[name]

    assert (container.read_only_root, container.writable_paths) == (
        True,
        ("/opt/airflow/logs", "/opt/airflow/run", "/tmp"),
    )


def test_what_runs_side_by_side_shares_the_task_and_what_is_over_before_does_not() -> None:
    reserved = {name: container.memory_reservation_mib for name, container in _containers("airflow").items()}

    assert reserved == {
        "migrate": None,
        "webserver": 768,
        "scheduler": 768,
        "dag-processor": 720,
        "triggerer": 672,
        "metrics": 144,
    }


def test_the_smallest_task_that_is_allowed_gives_each_what_it_needs() -> None:
    smallest = _containers("airflow", options=ServiceOptions(cpu=512, memory_mib=2048))

    assert {name: container.memory_mib for name, container in smallest.items()} == {
        "migrate": None,
        "webserver": 512,
        "scheduler": 512,
        "dag-processor": 480,
        "triggerer": 448,
        "metrics": 96,
    }


def test_a_container_alone_has_its_task_to_itself() -> None:
    assert (CONTAINERS["worker"].memory_mib, CONTAINERS["flower"].memory_mib) == (None, None)


def test_what_is_added_reaches_airflow_s_containers_and_not_the_sidecars() -> None:
    secret = SecretKey(secret_arn="arn:s", key="token")
    agent = Container(name="agent", image="agent:1", memory_mib=256, cpu=64)
    containers = _containers(
        "worker",
        options=replace(WORKER, concurrency=5),
        extras=Extras(environment={"COLOUR": "blue"}, secrets={"TOKEN": secret}, sidecars=(agent,)),
    )
    worker = containers["worker"]

    assert (worker.environment["COLOUR"], worker.secrets["TOKEN"]) == ("blue", secret)
    assert (worker.cpu, worker.memory_mib) == (960, 1792)
    assert containers["agent"] == agent


def test_a_sidecar_that_leaves_no_room_for_the_tasks_is_refused_with_the_sum() -> None:
    agent = Container(name="agent", image="agent:1", memory_mib=256)
    message = (
        "in worker concurrency left out is 6: allowed with a memory_mib of 2048 are 1 to 5, as worker 512 + "
        "6 x task 256 + others 256 = 2304 MiB are needed"
    )

    with pytest.raises(ValueError, match=re.escape(message)):
        _containers("worker", extras=Extras(sidecars=(agent,)))


def test_as_many_webservers_run_as_their_container_has_memory_for() -> None:
    surroundings = replace(SURROUNDINGS, configuration=AirflowConfiguration(webserver_workers=5))

    assert _containers("airflow", surroundings=surroundings)["webserver"].memory_mib == 1792


def test_more_webservers_than_their_container_has_memory_for_are_refused_with_the_sum() -> None:
    surroundings = replace(SURROUNDINGS, configuration=AirflowConfiguration(webserver_workers=6))
    message = (
        "in airflow webserver_workers is 6: allowed with a memory_mib of 4096 are 1 to 5, as 6 x 350 = 2100 "
        "MiB are needed, and the webserver may take 1792 of it"
    )

    with pytest.raises(ValueError, match=re.escape(message)):
        _containers("airflow", surroundings=surroundings)


def test_a_task_too_small_for_airflow_is_refused_with_the_sum() -> None:
    with pytest.raises(
        ValueError, match=r"in airflow memory_mib is 1024: allowed are 2048 and more, as webserver"
    ):
        _containers("airflow", options=ServiceOptions(cpu=512, memory_mib=1024))


def test_every_secret_has_a_recipient_that_exists() -> None:
    assert {component for recipients in RECIPIENTS.values() for component in recipients} <= set(CONTAINERS)


def test_the_task_outlives_the_migration_and_the_metrics_and_nothing_else() -> None:
    assert [name for name, container in CONTAINERS.items() if not container.essential] == [
        "migrate",
        "metrics",
    ]


def test_what_uses_the_database_waits_for_the_migration() -> None:
    waiting = {
        name: dict(container.depends_on) for name, container in CONTAINERS.items() if container.depends_on
    }

    assert waiting == {
        name: {"migrate": "SUCCESS"}
        for name in ("webserver", "scheduler", "dag-processor", "triggerer", "metrics")
    }


def test_what_may_die_alone_is_restarted_alone() -> None:
    restarted = {name: container.restart_after_seconds for name, container in CONTAINERS.items()}

    assert {name for name, seconds in restarted.items() if seconds == 60} == {
        "scheduler",
        "dag-processor",
        "triggerer",
        "metrics",
    }


def test_everything_that_stays_is_checked() -> None:
    checks = {
        name: container.health_check.command
        for name, container in CONTAINERS.items()
        if container.health_check
    }

    assert checks == {name: ("health", name) for name in CONTAINERS if name != "migrate"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_target_watches_ports_its_container_listens_on(service: str) -> None:
    target = TARGETS[service]

    assert set(target.ports) <= set(CONTAINERS[target.container].ports)


@pytest.mark.parametrize("name", [name for name in CONTAINERS if name != "worker"])
def test_only_a_worker_is_told_when_it_will_be_killed(name: str) -> None:
    assert "KF_AIRFLOW_STOP_TIMEOUT_SECONDS" not in CONTAINERS[name].environment


def test_a_worker_is_told_the_truth_about_when_it_will_be_killed() -> None:
    worker = CONTAINERS["worker"]

    assert worker.environment["KF_AIRFLOW_STOP_TIMEOUT_SECONDS"] == str(worker.stop_timeout_seconds)


def test_the_most_certificates_fit_into_a_task_definition_with_room_for_a_user_s_variables() -> None:
    pem = "-----BEGIN CERTIFICATE-----\n".ljust(MAXIMUM_CA_CERTIFICATES_BYTES - 100, "A")
    pem = "\n".join(pem[start : start + 64] for start in range(0, len(pem), 64))
    containers = _containers("airflow", surroundings=replace(SURROUNDINGS, ca_certificates=pem))
    definitions = [
        container.definition(log_group="apps/kf-airflow-dev", region="us-east-1")
        for container in containers.values()
    ]

    assert len(json.dumps(definitions)) < 65536 - 8192
