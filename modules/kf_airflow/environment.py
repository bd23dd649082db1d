"""The plain environment of Airflow's containers. Secrets are in `components`.

Where a value differs from Airflow's default the reason stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.configuration import VISIBILITY_TIMEOUT_SECONDS, AirflowConfiguration
from kf_airflow.pools import WorkerPool
from kf_airflow.refs import BrokerRef, BucketRef, DatabaseRef

WEBSERVER_PORT = 8080
# A task definition has at most 64 KiB and repeats the certificates for each of up to six containers.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
MAXIMUM_CA_CERTIFICATES_BYTES = 5120
FLOWER_PREFIX = "/flower"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where a deployment's containers find everything.

    Args:
        base_url: The address users see in their browser, without a slash at the end.
        namespace: The private DNS zone in which the webserver is `webserver.<namespace>`.
        region: The AWS region.
        bucket: Where the task logs go.
        database: The metadata database.
        broker: The Celery broker.
        cluster_name: The ECS cluster's name.
        worker_pools: The pools of workers by the name of their ECS service.
        parallelism: How many tasks a scheduler lets run at once.
        configuration: Airflow's settings that differ from ours. None do if left out.
        ca_certificates: CAs to trust besides the system's and RDS's, as PEM text, at most 5 KiB. None if left
            out.
        extra: Variables for every container, added last. None if left out.

    Raises:
        ValueError: if `extra` sets what the library sets for the image itself, or the certificates are too
            large for a task definition or not in PEM.
    """

    base_url: str
    namespace: str
    region: str
    bucket: BucketRef
    database: DatabaseRef
    broker: BrokerRef
    cluster_name: str
    worker_pools: Mapping[str, WorkerPool]
    parallelism: int
    configuration: AirflowConfiguration = field(default_factory=AirflowConfiguration)
    ca_certificates: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_extra(self.extra)
        if self.ca_certificates is not None:
            if "-----BEGIN CERTIFICATE-----" not in self.ca_certificates:
                raise ValueError("ca_certificates has no certificate: allowed is PEM text with at least one")
            size = len(self.ca_certificates.encode())
            if size > MAXIMUM_CA_CERTIFICATES_BYTES:
                raise ValueError(
                    f"ca_certificates has {size} bytes: allowed are {MAXIMUM_CA_CERTIFICATES_BYTES}, "
                    "for a task definition holds them once for each container"
                )


def environment_of(
    component: str,
    surroundings: Surroundings,
    *,
    concurrency: int | None = None,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Returns the plain environment of one component's container.

    Args:
        component: Which one.
        surroundings: Where it finds everything.
        concurrency: How many tasks a worker runs at once. Not said if left out.
        extra: Variables of this container alone, which come last. None if left out.
    """
    airflow = {
        **_common(surroundings),
        **_FOR.get(component, {}),
        **_of_webserver(component, surroundings.base_url),
        **_of_migration(component, surroundings.database),
        **surroundings.configuration.variables,
        **({"AIRFLOW__CELERY__WORKER_CONCURRENCY": str(concurrency)} if concurrency else {}),
    }
    return {
        **(_of_metrics(surroundings) if component == "metrics" else airflow),
        **surroundings.extra,
        **checked_extra(extra or {}),
    }


def checked_extra(variables: Mapping[str, str]) -> Mapping[str, str]:
    """Returns a user's variables if none is one that the library sets for the image itself.

    Raises:
        ValueError: if one is.
    """
    ours = sorted(name for name in variables if name.startswith("KF_AIRFLOW_"))
    if ours:
        raise ValueError(
            f"environment sets {', '.join(ours)}: allowed are names that do not begin with KF_AIRFLOW_"
        )
    return variables


# How Celery's connections to the broker behave, the same in workers, scheduler and Flower.
_BROKER_CONNECTION: Mapping[str, str] = {
    # Longer than the longest task: a message redelivered while its task runs kills it once its token has
    # expired.
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": str(VISIBILITY_TIMEOUT_SECONDS),
    # Redis has no heartbeat of its own: a connection that is silent for so long is tried before it is used,
    # so that one which a failover left behind is noticed.
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__HEALTH_CHECK_INTERVAL": "15",
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_KEEPALIVE": "True",
    # A node that is gone answers nothing; without it the kernel's two minutes pass first.
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT": "10",
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__RETRY_ON_TIMEOUT": "True",
    # One second is not enough for a TLS connection to a busy broker.
    "AIRFLOW__CELERY__OPERATION_TIMEOUT": "5",
    # A broker that is away is waited for, however long; Celery would give up after a hundred tries.
    "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": json.dumps(
        {"broker_connection_retry_on_startup": True, "broker_connection_max_retries": None}
    ),
}

_FOR: dict[str, dict[str, str]] = {
    "webserver": {
        # Only the load balancer and our own services reach the port, so the proxy headers can be believed;
        # uvicorn otherwise trusts 127.0.0.1 only, and the login redirects to http behind HTTPS.
        "FORWARDED_ALLOW_IPS": "*",
    },
    "flower": {"AIRFLOW__CELERY__FLOWER_URL_PREFIX": FLOWER_PREFIX},
}


def _of_webserver(component: str, base_url: str) -> dict[str, str]:
    """Returns that browsers send the login's cookie over HTTPS alone, where that is what they see."""
    secure = component == "webserver" and base_url.startswith("https://")
    return {"AIRFLOW__FAB__COOKIE_SECURE": "True"} if secure else {}


def _of_migration(component: str, database: DatabaseRef) -> dict[str, str]:
    """Returns how migrations reach the database itself, where all others come through a proxy."""
    if component != "migrate" or database.direct_address is None:
        return {}
    return {"KF_AIRFLOW_MASTER_HOST": database.direct_address}


def _of_metrics(surroundings: Surroundings) -> dict[str, str]:
    """Returns what the one process that is none of Airflow's needs."""
    pools = [
        {"service": service, "queues": list(pool.queues), "concurrency": pool.tasks_at_once}
        for service, pool in surroundings.worker_pools.items()
    ]
    return {
        **_for_all(surroundings),
        "KF_AIRFLOW_CLUSTER": surroundings.cluster_name,
        "KF_AIRFLOW_WORKER_POOLS": json.dumps(pools),
    }


def _for_all(surroundings: Surroundings) -> dict[str, str]:
    database, certificates = surroundings.database, surroundings.ca_certificates
    return {
        "AWS_DEFAULT_REGION": surroundings.region,
        "KF_AIRFLOW_DATABASE_HOST": database.address,
        "KF_AIRFLOW_DATABASE_PORT": str(database.port),
        "KF_AIRFLOW_DATABASE_NAME": database.name,
        **({"KF_AIRFLOW_CA_CERTIFICATES": certificates} if certificates else {}),
    }


def _common(surroundings: Surroundings) -> dict[str, str]:
    bucket, broker = surroundings.bucket, surroundings.broker
    return {
        **_for_all(surroundings),
        "AIRFLOW__API__BASE_URL": surroundings.base_url,
        "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        # Airflow would derive it from base_url, which a worker may not be able to reach.
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": (
            f"http://webserver.{surroundings.namespace}:{WEBSERVER_PORT}/execution/"
        ),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        # The host name of a Fargate task resolves nowhere else; its address works.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "airflow.utils.net.get_host_ip_address",
        # A worker that is drained, and a broker that refuses a message, cost a task one try.
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "2",
        "AIRFLOW__CORE__PARALLELISM": str(surroundings.parallelism),
        # Also the lifetime of the token in a queued message: a task picked up later fails. 600 s do not
        # outlast a backlog.
        "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "7200",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "300",
        # With the default of 3 an api-server that is away for half a minute kills every running task.
        "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": "40",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "10",
        # While a deployment rolls, workers may have the older image for ten minutes.
        "AIRFLOW__WORKERS__MISSING_DAG_RETRIES": "10",
        **_BROKER_CONNECTION,
        "AIRFLOW__CELERY__RESULT_BACKEND_SQLALCHEMY_ENGINE_OPTIONS": json.dumps(
            {"pool_pre_ping": True, "pool_recycle": 1800}
        ),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__REMOTE_LOGGING": "True",
        "AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER": f"s3://{bucket.name}/{bucket.prefix}",
        # Empty means the task role; any other name costs a look-up in the execution API for every task.
        "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID": "",
        # The bucket encrypts by itself.
        "AIRFLOW__LOGGING__ENCRYPT_S3_LOGS": "False",
        # While S3 is away the log on the worker's disk is the only one.
        "AIRFLOW__LOGGING__DELETE_LOCAL_LOGS": "False",
        "KF_AIRFLOW_BROKER_HOST": broker.address,
        "KF_AIRFLOW_BROKER_PORT": str(broker.port),
        "KF_AIRFLOW_BROKER_TLS": "true" if broker.tls else "false",
    }
