"""Airflow's components: what containers there are, in which service, and which secrets each gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kf_airflow.containers import Container, HealthCheck, TargetSpec
from kf_airflow.environment import (
    FLOWER_PREFIX,
    STOP_TIMEOUT_SECONDS,
    WEBSERVER_PORT,
    Surroundings,
    environment_of,
)
from kf_airflow.image_reference import ImageReference
from kf_airflow.memory_checks import check_tasks, check_webserver
from kf_airflow.options import Extras, FargateOptions, ServiceOptions
from kf_airflow.pools import WorkerPool, command
from kf_airflow.refs import CredentialsRef, SecretKey
from kf_airflow.sizing import shares

WORKER_LOG_PORT = 8793
TRIGGERER_LOG_PORT = 8794
WORKER_HEALTH_PORT = 8795
FLOWER_PORT = 5555

# What a container of ours says of its version, as its image runs by its digest.
# https://specs.opencontainers.org/image-spec/annotations
VERSION_LABEL = "org.opencontainers.image.version"

# All that is written in a container; the image declares them as volumes, so that they are `airflow`'s.
WRITABLE_PATHS = ("/opt/airflow/logs", "/opt/airflow/run", "/tmp")  # noqa: S108 - the container's own


@dataclass(frozen=True, kw_only=True)
class _Component:
    name: str
    ports: tuple[int, ...] = ()
    after_migrate: bool = False
    # Whether ECS restarts it alone: the webserver, whose execution API running tasks depend on, then stays.
    restarts: bool = False
    # Whether the task ends with it, where ECS does not restart it.
    essential: bool = True
    # What it needs at least, in MiB; None for what is over before the others begin. At rest, with Airflow
    # 3.3.2, were measured: webserver 305, scheduler 277, dag-processor 193, triggerer 308, worker 402, Flower
    # 190; metrics 66, and 12 for its health check while that runs.
    needs_mib: int | None = None


SERVICES: Mapping[str, tuple[_Component, ...]] = {
    "airflow": (
        # Migrating ends by itself; the task must not end with it.
        _Component(name="migrate", essential=False),
        _Component(name="webserver", ports=(WEBSERVER_PORT,), after_migrate=True, needs_mib=512),
        _Component(name="scheduler", after_migrate=True, restarts=True, needs_mib=512),
        _Component(name="dag-processor", after_migrate=True, restarts=True, needs_mib=480),
        _Component(
            name="triggerer",
            ports=(TRIGGERER_LOG_PORT,),
            after_migrate=True,
            restarts=True,
            needs_mib=448,
        ),
        # Without it the number of workers stays as it is, and tasks run on: no reason to end the webserver.
        _Component(name="metrics", after_migrate=True, restarts=True, essential=False, needs_mib=96),
    ),
    "worker": (_Component(name="worker", ports=(WORKER_LOG_PORT, WORKER_HEALTH_PORT), needs_mib=512),),
    "flower": (_Component(name="flower", ports=(FLOWER_PORT,), needs_mib=256),),
}

TARGETS: Mapping[str, TargetSpec] = {
    "airflow": TargetSpec(container="webserver", port=WEBSERVER_PORT, health_check_path="/api/v2/version"),
    "worker": TargetSpec(
        container="worker",
        port=WORKER_LOG_PORT,
        health_check_path="/health",
        health_check_port=WORKER_HEALTH_PORT,
        # A worker has no requests to finish, and takes messages until SIGTERM: nothing in its task tells it
        # earlier. https://github.com/aws/containers-roadmap/issues/2012
        deregistration_seconds=0,
    ),
    "flower": TargetSpec(
        container="flower", port=FLOWER_PORT, health_check_path=f"{FLOWER_PREFIX}/healthcheck"
    ),
}

# Running tasks depend on the execution API, so one webserver at least is always there.
_ROLLING = (100, 200)

_METADATA = ("migrate", "webserver", "scheduler", "dag-processor", "triggerer")
# It counts task instances, and can decrypt nothing of what its login reads.
_METADATA_LOGIN = (*_METADATA, "metrics")

# Workers run the code of DAG authors. They are not in the rows of the metadata database, the Fernet key and
# the JWT secret, and need none of them. The key of the API they have for the logs they serve; the image signs
# no login with it.
RECIPIENTS: Mapping[str, tuple[str, ...]] = {
    # The master's, which RDS changes behind everybody's back.
    "KF_AIRFLOW_MASTER_USERNAME": ("migrate",),
    "KF_AIRFLOW_MASTER_PASSWORD": ("migrate",),
    "KF_AIRFLOW_DATABASE_USERNAME": _METADATA_LOGIN,
    "KF_AIRFLOW_DATABASE_PASSWORD": _METADATA_LOGIN,
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
    service: str,
    *,
    image: ImageReference,
    surroundings: Surroundings,
    credentials: CredentialsRef,
    options: FargateOptions,
    extras: Extras | None = None,
) -> tuple[Container, ...]:
    """Returns the containers of a service, which share its task.

    Args:
        service: One of `airflow`, `worker` and `flower`; `worker` for every pool of workers.
        image: The image they run.
        surroundings: Where they find everything.
        credentials: Where their secrets are.
        options: How the service is made; a `WorkerPool` for workers.
        extras: What is added. Nothing if left out.

    Raises:
        ValueError: if a variable is both plain and secret, or the task is too small.
    """
    extras = extras or Extras()
    known = _secrets(surroundings, credentials)
    containers = tuple(
        Container(
            name=component.name,
            image=image.pulled,
            labels={VERSION_LABEL: image.tag} if image.tag else {},
            command=command(options) if isinstance(options, WorkerPool) else (component.name,),
            ports=component.ports,
            environment=environment_of(
                component.name,
                surroundings,
                concurrency=options.tasks_at_once if isinstance(options, WorkerPool) else None,
                extra=extras.environment,
            ),
            secrets={
                **{name: key for name, key in known.items() if component.name in RECIPIENTS[name]},
                **extras.secrets,
            },
            essential=component.essential,
            health_check=None
            if component.name == "migrate"
            else HealthCheck(command=("health", component.name)),
            depends_on={"migrate": "SUCCESS"} if component.after_migrate else {},
            restart_after_seconds=60 if component.restarts else None,
            stop_timeout_seconds=STOP_TIMEOUT_SECONDS,
            writable_paths=WRITABLE_PATHS,
        )
        for component in SERVICES[service]
    )
    try:
        containers = _sharing(service, containers, options, extras.sidecars)
        _check_room(containers, surroundings, options, extras)
    except ValueError as error:
        raise ValueError(f"in {service} {error}") from error
    return (*containers, *extras.sidecars)


def rolling(options: ServiceOptions) -> ServiceOptions:
    """Returns the options of `airflow` if its deployments start new tasks before they stop old ones.

    Raises:
        ValueError: if they do not.
    """
    given = (options.minimum_healthy_percent, options.maximum_percent)
    if given != _ROLLING:
        raise ValueError(
            f"minimum_healthy_percent and maximum_percent of airflow are {given[0]} and {given[1]}: "
            "allowed are 100 and 200, for running tasks need a webserver all the time"
        )
    return options


def _sharing(
    service: str,
    containers: tuple[Container, ...],
    options: FargateOptions,
    sidecars: tuple[Container, ...],
) -> tuple[Container, ...]:
    """Returns the containers with their shares of the task; one alone has all of it."""
    needs = {component.name: component.needs_mib for component in SERVICES[service] if component.needs_mib}
    if len(needs) == 1 and not sidecars:
        return containers
    parts = shares(
        cpu=options.cpu,
        memory_mib=options.memory_mib,
        needs_mib=needs,
        taken_cpu=sum(sidecar.cpu for sidecar in sidecars),
        taken_mib=sum(sidecar.claimed_mib for sidecar in sidecars),
    )
    return tuple(
        container.sharing(parts[container.name]) if container.name in parts else container
        for container in containers
    )


def _check_room(
    containers: tuple[Container, ...], surroundings: Surroundings, options: FargateOptions, extras: Extras
) -> None:
    """Refuses what is told to run in the containers if they have not the memory for it."""
    if isinstance(options, WorkerPool):
        others = sum(sidecar.claimed_mib for sidecar in extras.sidecars)
        check_tasks(
            options.tasks_at_once,
            given=options.concurrency is not None,
            memory_mib=options.memory_mib,
            others_mib=others,
        )
    for container in containers:
        if container.name == "webserver" and container.memory_mib is not None:
            check_webserver(
                surroundings.configuration.webserver_workers or 1,
                container_mib=container.memory_mib,
                memory_mib=options.memory_mib,
            )


def _secrets(surroundings: Surroundings, credentials: CredentialsRef) -> dict[str, SecretKey]:
    """Returns every secret by the variable it becomes."""
    database, broker = surroundings.database, surroundings.broker
    airflow = credentials.airflow_secret_arn
    logins = {
        "KF_AIRFLOW_MASTER": (database.secret_arn, database.key_arn),
        "KF_AIRFLOW_DATABASE": (credentials.metadata_secret_arn, credentials.key_arn),
        "KF_AIRFLOW_RESULTS": (credentials.results_secret_arn, credentials.key_arn),
        "KF_AIRFLOW_ADMIN": (credentials.admin_secret_arn, credentials.key_arn),
        "KF_AIRFLOW_FLOWER": (credentials.flower_secret_arn, credentials.key_arn),
    }
    keys = {
        "AIRFLOW__CORE__FERNET_KEY": "fernet_key",
        "AIRFLOW__API__SECRET_KEY": "api_secret_key",
        "AIRFLOW__API_AUTH__JWT_SECRET": "jwt_secret",
    }
    return {
        **{
            name: SecretKey(secret_arn=airflow, key=key, key_arn=credentials.key_arn)
            for name, key in keys.items()
        },
        **{
            f"{name}_{key.upper()}": SecretKey(secret_arn=arn, key=key, key_arn=key_arn)
            for name, (arn, key_arn) in logins.items()
            for key in ("username", "password")
        },
        **(
            {
                "KF_AIRFLOW_BROKER_PASSWORD": SecretKey(
                    secret_arn=broker.secret_arn, key="password", key_arn=broker.key_arn
                )
            }
            if broker.secret_arn is not None
            else {}
        ),
    }
