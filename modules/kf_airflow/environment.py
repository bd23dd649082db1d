"""The plain environment of Airflow's containers. Secrets are in `components`.

Where a value differs from Airflow's default the reason stands beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.configuration import (
    TASK_HEARTBEAT_TIMEOUT_SECONDS,
    TASK_QUEUED_RETRIES,
    TASK_QUEUED_TIMEOUT_SECONDS,
    VISIBILITY_TIMEOUT_SECONDS,
    AirflowConfiguration,
)
from kf_airflow.container_checks import MAXIMUM_STOP_TIMEOUT_SECONDS
from kf_airflow.options.dags import DagOptions
from kf_airflow.pools import WorkerPool
from kf_airflow.refs import BrokerRef, BucketRef, DatabaseRef

WEBSERVER_PORT = 8080
# A task definition has at most 64 KiB and repeats the certificates for each of up to six containers.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
MAXIMUM_CA_CERTIFICATES_BYTES = 5120
FLOWER_PREFIX = "/flower"
# Between SIGTERM and SIGKILL, in every container of ours: as long as Fargate waits at most.
STOP_TIMEOUT_SECONDS = MAXIMUM_STOP_TIMEOUT_SECONDS


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where a deployment's containers find everything.

    Args:
        base_url: The address users see in their browser, without a slash at the end.
        namespace: The private DNS zone in which the webserver is `webserver.<namespace>`.
        region: The AWS region.
        bucket: Where the task logs and the archives of DAGs go.
        database: The metadata database.
        broker: The Celery broker.
        cluster_name: The ECS cluster's name.
        airflow_service: The name of the ECS service `airflow`.
        worker_pools: The pools of workers by the name of their ECS service.
        parallelism: How many tasks a scheduler lets run at once.
        dags: How the versions of the DAGs are kept. As `DagOptions` has it if left out.
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
    airflow_service: str
    worker_pools: Mapping[str, WorkerPool]
    parallelism: int
    dags: DagOptions = field(default_factory=DagOptions)
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
        **(of_dags(surroundings.bucket, surroundings.dags) if component in _WITH_DAGS else {}),
        **_of_webserver(component, surroundings),
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
    # A node that is gone answers nothing: without these the kernel's two minutes pass before a connection
    # fails, and its quarter of an hour before an acknowledgement does, in which the worker takes no task.
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_CONNECT_TIMEOUT": "10",
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__SOCKET_TIMEOUT": "15",
    # With it redis-py makes a broken subscription anew by itself and waits for its first message without a
    # limit, and the worker's only loop with it. Celery makes all connections anew.
    "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__RETRY_ON_TIMEOUT": "False",
    # One second is not enough for a TLS connection to a busy broker.
    "AIRFLOW__CELERY__OPERATION_TIMEOUT": "5",
}

# What keeps a queued task from failing. docker/README.md tells how these fit together.
_QUEUED_TASKS: Mapping[str, str] = {
    # Not when it fails but when it is sent again, which is how long a lost message costs.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": str(TASK_QUEUED_TIMEOUT_SECONDS),
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "30",
    "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": str(TASK_QUEUED_RETRIES),
    # A refused message is one try, and there is a try at each turn of the scheduler's loop.
    "AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES": "100000",
}

# Who runs DAGs, or asks what bundles there are.
_WITH_DAGS = ("webserver", "scheduler", "dag-processor", "triggerer", "worker")
# The bundle sees to its disk itself; Airflow's own clearing ends at the first version that was never fetched,
# being that of the image.
_NO_CLEARING = {"AIRFLOW__DAG_PROCESSOR__STALE_BUNDLE_CLEANUP_INTERVAL": "0"}

_FOR: dict[str, dict[str, str]] = {
    "webserver": {
        # Only the load balancer and our own services reach the port, so the proxy headers can be believed;
        # uvicorn otherwise trusts 127.0.0.1 only, and the login redirects to http behind HTTPS.
        "FORWARDED_ALLOW_IPS": "*",
    },
    "scheduler": {
        # Airflow's own, but a broker that is away fails no task. DAGs know it by the usual name.
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor:kf_airflow_runtime.patient_executor.PatientCeleryExecutor",
    },
    "dag-processor": {
        # Else it does not write a DAG that has changed within half a minute, but does write its version: a
        # run that begins then has the tasks of one version and the code of another.
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
        **_NO_CLEARING,
    },
    # The container cannot find out when it will be killed, and a worker ends its tasks before.
    "worker": {"KF_AIRFLOW_STOP_TIMEOUT_SECONDS": str(STOP_TIMEOUT_SECONDS), **_NO_CLEARING},
    "flower": {"AIRFLOW__CELERY__FLOWER_URL_PREFIX": FLOWER_PREFIX},
}


def _of_running_tasks(heartbeat_timeout_seconds: int) -> dict[str, str]:
    """Returns what keeps a running task alive while the webserver or the database is replaced.

    Args:
        heartbeat_timeout_seconds: When the scheduler gives up a task that it does not hear of.
    """
    return {
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(heartbeat_timeout_seconds),
        # A request is tried for two and a half minutes, every ten seconds at least: Airflow's 90 s between
        # two tries would miss the return of the webserver by as much.
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "30",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRY_WAIT_MAX": "10",
        # Each failed heartbeat is such a request. A task that is cut off is to end soon after the scheduler
        # has given it up, as it is run again elsewhere then, and not before.
        "AIRFLOW__WORKERS__MAX_FAILED_HEARTBEATS": str(math.ceil(heartbeat_timeout_seconds / 150) + 3),
        # Heartbeats renew a task's token when a fifth of its life is left, which has to last for as long as
        # the scheduler waits for a heartbeat.
        "AIRFLOW__EXECUTION_API__JWT_EXPIRATION_TIME": str(max(600, 5 * heartbeat_timeout_seconds)),
        # A scheduler watches the tasks of one that was replaced after a minute, not after five.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "60",
    }


def of_dags(bucket: BucketRef, dags: DagOptions) -> dict[str, str]:
    """Returns where the DAGs of a run are found, in every container the same.

    Args:
        bucket: Where logs and archives go.
        dags: How the versions are kept.
    """
    archives = bucket.archives
    bundle = {
        # The name of Airflow's own bundle, so that the DAGs are the ones that they were before.
        "name": "dags-folder",
        "classpath": "kf_airflow_runtime.dag_bundle.ArchivedDagBundle",
        "kwargs": {
            "bucket": archives.name,
            "prefix": archives.prefix,
            "retention_days": dags.archive_retention_days,
            "cache_mib": dags.cache_mib,
        },
    }
    return {"AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle], separators=(",", ":"))}


def _of_webserver(component: str, surroundings: Surroundings) -> dict[str, str]:
    """Returns what the webserver alone has to know."""
    if component != "webserver":
        return {}
    secure, days = surroundings.base_url.startswith("https://"), surroundings.bucket.retention_days
    return {
        # Browsers send the login's cookie over HTTPS alone, where that is what they see.
        **({"AIRFLOW__FAB__COOKIE_SECURE": "True"} if secure else {}),
        # So that the page of a log that has expired says so.
        **({"KF_AIRFLOW_LOG_RETENTION_DAYS": str(days)} if days else {}),
    }


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
        "KF_AIRFLOW_SERVICE": surroundings.airflow_service,
        "KF_AIRFLOW_HEARTBEAT_TIMEOUT_SECONDS": str(
            surroundings.configuration.task_heartbeat_timeout_seconds or TASK_HEARTBEAT_TIMEOUT_SECONDS
        ),
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
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        # Airflow would derive it from base_url, which a worker may not be able to reach.
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": (
            f"http://webserver.{surroundings.namespace}:{WEBSERVER_PORT}/execution/"
        ),
        # The host name of a Fargate task resolves nowhere else; its address works.
        "AIRFLOW__CORE__HOSTNAME_CALLABLE": "airflow.utils.net.get_host_ip_address",
        # A worker that is drained or lost costs a task one try.
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "2",
        "AIRFLOW__CORE__PARALLELISM": str(surroundings.parallelism),
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "True",
        # While a deployment rolls, workers may have the older image for ten minutes.
        "AIRFLOW__WORKERS__MISSING_DAG_RETRIES": "10",
        **_QUEUED_TASKS,
        **_of_running_tasks(
            surroundings.configuration.task_heartbeat_timeout_seconds or TASK_HEARTBEAT_TIMEOUT_SECONDS
        ),
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
