"""Airflow's components: what containers there are, in which service, and which secrets each gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kf_airflow.containers import Container, HealthCheck, TargetSpec
from kf_airflow.environment import FLOWER_PREFIX, WEBSERVER_PORT, Surroundings, environment_of
from kf_airflow.refs import CredentialsRef, SecretKey

WORKER_LOG_PORT = 8793
TRIGGERER_LOG_PORT = 8794
WORKER_HEALTH_PORT = 8795
FLOWER_PORT = 5555


@dataclass(frozen=True, kw_only=True)
class _Component:
    name: str
    ports: tuple[int, ...] = ()
    after_migrate: bool = False
    # Whether ECS restarts it alone: the webserver, whose execution API running tasks depend on, then stays.
    restarts: bool = False


SERVICES: Mapping[str, tuple[_Component, ...]] = {
    "airflow": (
        _Component(name="migrate"),
        _Component(name="webserver", ports=(WEBSERVER_PORT,), after_migrate=True),
        _Component(name="scheduler", after_migrate=True, restarts=True),
        _Component(name="dag-processor", after_migrate=True, restarts=True),
        _Component(name="triggerer", ports=(TRIGGERER_LOG_PORT,), after_migrate=True, restarts=True),
    ),
    "worker": (_Component(name="worker", ports=(WORKER_LOG_PORT, WORKER_HEALTH_PORT)),),
    "flower": (_Component(name="flower", ports=(FLOWER_PORT,)),),
}

TARGETS: Mapping[str, TargetSpec] = {
    "airflow": TargetSpec(container="webserver", port=WEBSERVER_PORT, health_check_path="/api/v2/version"),
    "worker": TargetSpec(
        container="worker",
        port=WORKER_LOG_PORT,
        health_check_path="/health",
        health_check_port=WORKER_HEALTH_PORT,
    ),
    "flower": TargetSpec(
        container="flower", port=FLOWER_PORT, health_check_path=f"{FLOWER_PREFIX}/healthcheck"
    ),
}

_METADATA = ("migrate", "webserver", "scheduler", "dag-processor", "triggerer")

# Workers run the code of DAG authors. They are not in the rows of the metadata database, the Fernet key and
# the JWT secret, and need none of them.
RECIPIENTS: Mapping[str, tuple[str, ...]] = {
    "KF_AIRFLOW_DATABASE_USERNAME": _METADATA,
    "KF_AIRFLOW_DATABASE_PASSWORD": _METADATA,
    "KF_AIRFLOW_RESULTS_USERNAME": ("migrate", "scheduler", "worker"),
    "KF_AIRFLOW_RESULTS_PASSWORD": ("migrate", "scheduler", "worker"),
    "KF_AIRFLOW_BROKER_PASSWORD": ("scheduler", "worker", "flower"),
    "AIRFLOW__CORE__FERNET_KEY": _METADATA,
    "AIRFLOW__API__SECRET_KEY": ("webserver", "worker", "triggerer"),
    "AIRFLOW__API_AUTH__JWT_SECRET": ("webserver", "scheduler", "dag-processor", "triggerer"),
    "KF_AIRFLOW_ADMIN_USERNAME": ("migrate",),
    "KF_AIRFLOW_ADMIN_PASSWORD": ("migrate",),
    "KF_AIRFLOW_FLOWER_USERNAME": ("flower",),
    "KF_AIRFLOW_FLOWER_PASSWORD": ("flower",),
}


def containers_of(
    service: str, *, image: str, surroundings: Surroundings, credentials: CredentialsRef
) -> tuple[Container, ...]:
    """Returns the containers of one of the services `airflow`, `worker` and `flower`."""
    secrets = _secrets(surroundings, credentials)
    return tuple(
        Container(
            name=component.name,
            image=image,
            command=(component.name,),
            ports=component.ports,
            environment=environment_of(component.name, surroundings),
            secrets={name: key for name, key in secrets.items() if component.name in RECIPIENTS[name]},
            # Migrating ends by itself; the task must not end with it.
            essential=component.name != "migrate",
            health_check=None
            if component.name == "migrate"
            else HealthCheck(command=("health", component.name)),
            depends_on={"migrate": "SUCCESS"} if component.after_migrate else {},
            restart_after_seconds=60 if component.restarts else None,
        )
        for component in SERVICES[service]
    )


def _secrets(surroundings: Surroundings, credentials: CredentialsRef) -> dict[str, SecretKey]:
    airflow = credentials.airflow_secret_arn
    logins = {
        "KF_AIRFLOW_DATABASE": surroundings.database.secret_arn,
        "KF_AIRFLOW_RESULTS": credentials.results_secret_arn,
        "KF_AIRFLOW_ADMIN": credentials.admin_secret_arn,
        "KF_AIRFLOW_FLOWER": credentials.flower_secret_arn,
    }
    return {
        "KF_AIRFLOW_BROKER_PASSWORD": SecretKey(secret_arn=surroundings.broker.secret_arn, key="password"),
        "AIRFLOW__CORE__FERNET_KEY": SecretKey(secret_arn=airflow, key="fernet_key"),
        "AIRFLOW__API__SECRET_KEY": SecretKey(secret_arn=airflow, key="api_secret_key"),
        "AIRFLOW__API_AUTH__JWT_SECRET": SecretKey(secret_arn=airflow, key="jwt_secret"),
        **{
            f"{name}_{key.upper()}": SecretKey(secret_arn=arn, key=key)
            for name, arn in logins.items()
            for key in ("username", "password")
        },
    }
