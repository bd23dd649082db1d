import pytest

from kf_airflow.components import RECIPIENTS, SERVICES, TARGETS, containers_of
from kf_airflow.containers import Container
from kf_airflow.environment import Surroundings
from kf_airflow.refs import BrokerRef, BucketRef, CredentialsRef, DatabaseRef
from kf_airflow_runtime.entrypoint import COMMANDS

SURROUNDINGS = Surroundings(
    base_url="https://airflow.example.org",
    namespace="kf-airflow-dev.internal",
    region="us-east-1",
    bucket=BucketRef(name="logs-bucket", arn="arn:bucket"),
    database=DatabaseRef(address="db.example.org", name="airflow", secret_arn="arn:db"),
    broker=BrokerRef(address="redis.example.org", secret_arn="arn:redis"),
    parallelism=12,
    worker_concurrency=6,
)
CREDENTIALS = CredentialsRef(
    airflow_secret_arn="arn:airflow",
    results_secret_arn="arn:results",
    admin_secret_arn="arn:admin",
    flower_secret_arn="arn:flower",
)
CONTAINERS: dict[str, Container] = {
    container.name: container
    for service in SERVICES
    for container in containers_of(
        service, image="registry.example.org/kf-airflow:1", surroundings=SURROUNDINGS, credentials=CREDENTIALS
    )
}


def test_three_services_run_seven_containers() -> None:
    assert {service: [component.name for component in parts] for service, parts in SERVICES.items()} == {
        "airflow": ["migrate", "webserver", "scheduler", "dag-processor", "triggerer"],
        "worker": ["worker"],
        "flower": ["flower"],
    }


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_s_command_is_its_name(name: str) -> None:
    assert CONTAINERS[name].command == (name,)


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


def test_every_secret_has_a_recipient_that_exists() -> None:
    assert {component for recipients in RECIPIENTS.values() for component in recipients} <= set(CONTAINERS)


def test_the_migration_may_end_and_everything_else_may_not() -> None:
    assert [name for name, container in CONTAINERS.items() if not container.essential] == ["migrate"]


def test_what_uses_the_database_waits_for_the_migration() -> None:
    waiting = {
        name: dict(container.depends_on) for name, container in CONTAINERS.items() if container.depends_on
    }

    assert waiting == {
        name: {"migrate": "SUCCESS"} for name in ("webserver", "scheduler", "dag-processor", "triggerer")
    }


def test_what_may_die_alone_is_restarted_alone() -> None:
    restarted = {name: container.restart_after_seconds for name, container in CONTAINERS.items()}

    assert {name for name, seconds in restarted.items() if seconds == 60} == {
        "scheduler",
        "dag-processor",
        "triggerer",
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
