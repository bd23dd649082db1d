"""Who of Airflow's services reaches what, who goes first, how they scale: what stands between its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cdktf_cdktf_provider_aws.data_aws_partition import DataAwsPartition

from kf_airflow import components, connections
from kf_airflow.configuration import TASK_QUEUED_TIMEOUT_SECONDS
from kf_airflow.environment import FLOWER_PREFIX, WEBSERVER_PORT
from kf_airflow.load_balancer_names import load_balancer_name, target_group_name
from kf_airflow.metric import NAMESPACE
from kf_airflow.observability import Observability
from kf_airflow.observed import Observed
from kf_airflow.options import ObservabilityOptions, QueueScaling, ServiceOptions, UtilizationScaling
from kf_airflow.pools import WorkerPool
from kf_airflow.scaling import Scaling

if TYPE_CHECKING:
    from kf_airflow.airflow import Airflow
    from kf_airflow.options import IngressOptions
    from kf_airflow.refs import TopicRef
    from kf_airflow.rollout import RolloutOrder
    from kf_airflow.service import Service

# Of the paths the load balancer would forward: the execution API is for workers, who reach it inside, and
# Flower's metrics, which show the workers and what they run, ask for no password.
REFUSED_PATHS = ("/execution", "/execution/*", f"{FLOWER_PREFIX}/metrics")
_FLOWER_PATHS = (FLOWER_PREFIX, f"{FLOWER_PREFIX}/*")
# What a monitor asks without a login.
_HEALTH_PATHS = ("/api/v2/monitor/health", "/api/v2/version")
_FLOWER_HEALTH_PATHS = (f"{FLOWER_PREFIX}/healthcheck",)


def let_in(airflow: Airflow) -> None:
    """Lets the services reach what they need; nothing else can."""
    for service in (airflow.airflow, *airflow.workers.values()):
        # Workers write Celery's result tables, with a role limited to them.
        _let_into_database(airflow, service)
        # The triggerer writes logs as workers do, and the webserver reads them.
        connections.grant_read_write(
            airflow, f"logs-of-{service.name}", bucket=airflow.bucket, consumer=service
        )
        airflow.airflow.allow_from(service, port=WEBSERVER_PORT, description="Execution API")
    for service in (airflow.airflow, *airflow.workers.values(), airflow.flower):
        connections.allow_store(airflow, f"broker-from-{service.name}", source=service, store=airflow.broker)
    airflow.airflow.allow_from(
        airflow.airflow, port=components.TRIGGERER_LOG_PORT, description="Logs of running triggers"
    )
    partition = DataAwsPartition(airflow, "partition").partition
    _let_reach_archives(airflow)
    connections.grant_own_service(
        airflow.airflow,
        # By which a DAG processor knows whether it is the older one of two.
        "own-service",
        cluster=airflow.cluster,
        partition=partition,
        service_name=airflow.airflow.service_name,
        consumer=airflow.airflow,
    )
    connections.grant_metrics(
        # Not beside the pools of workers, which are named by the user.
        airflow.airflow,
        "metrics",
        cluster=airflow.cluster,
        partition=partition,
        services=[worker.service_name for worker in airflow.workers.values()],
        namespace=NAMESPACE,
        consumer=airflow.airflow,
    )
    for worker in airflow.workers.values():
        # ECS must not stop a worker whose tasks run.
        connections.grant_protection(
            airflow,
            f"protection-of-{worker.name}",
            cluster=airflow.cluster,
            partition=partition,
            service_name=worker.service_name,
            consumer=worker,
        )
        worker.allow_from(
            airflow.airflow, port=components.WORKER_LOG_PORT, description="Logs of running tasks"
        )


def publish(airflow: Airflow, options: IngressOptions) -> None:
    """Puts the services behind the load balancer, and the workers' logs behind a port for the inside."""
    ingress = airflow.ingress
    hosts = [options.host] if options.host else []
    flower_hosts = [options.flower_host] if options.flower_host else hosts
    ingress.refuse("inner-paths", paths=REFUSED_PATHS)
    if options.flower_host:
        ingress.redirect("flower-root", hosts=flower_hosts, paths=["/"], to_path=f"{FLOWER_PREFIX}/")
    ingress.forward(
        airflow.flower, hosts=flower_hosts, paths=_FLOWER_PATHS, exempt_paths=_FLOWER_HEALTH_PATHS
    )
    ingress.forward(airflow.airflow, hosts=hosts, exempt_paths=_HEALTH_PATHS)
    for name, worker in airflow.workers.items():
        ingress.forward_inside(
            worker,
            port=components.WORKER_LOG_PORT,
            source=airflow.airflow,
            # The first takes all; the others are told apart by a path, so that their order means nothing.
            paths=() if worker is airflow.worker else (f"/{name}/*",),
        )


def order(airflow: Airflow, rollout_order: RolloutOrder) -> None:
    """Says which services a deployment replaces first; Flower knows none of the others."""
    for worker in airflow.workers.values():
        if rollout_order == "workers-first":
            worker.roll_before(airflow.airflow)
        else:
            airflow.airflow.roll_before(worker)


def scale(airflow: Airflow, options: Mapping[str, ServiceOptions | WorkerPool]) -> None:
    """Lets the services scale that may: workers by their queues, the others by what they are used for.

    Args:
        airflow: Whose services they are.
        options: How each is made, by name.

    Raises:
        ValueError: if an autoscaler cannot go by what it is told.
    """
    services = {"airflow": airflow.airflow, **airflow.workers, "flower": airflow.flower}
    for name, made in options.items():
        if made.max_count is None:
            continue
        service = services[name]
        default = QueueScaling() if isinstance(made, WorkerPool) else UtilizationScaling()
        try:
            Scaling(
                service,
                "scaling",
                service=service.ref,
                policy=made.scaling or default,
                min_count=made.lowest_count,
                max_count=made.max_count,
                schedules=made.schedules,
                load_balancer_arn=airflow.ingress.load_balancer_arn,
            )
        except ValueError as error:
            raise ValueError(f"in {name} {error}") from error


def observe(
    airflow: Airflow,
    name: str,
    options: ObservabilityOptions | None,
    *,
    queued_timeout_seconds: int | None,
    topic: TopicRef | None,
) -> Observability:
    """Places the dashboard, the alarms and whom they tell.

    Args:
        airflow: What is watched.
        name: What the deployment is called.
        options: From when on somebody is told, and who.
        queued_timeout_seconds: After how long Airflow sends a queued task again. As long as we say if None.
        topic: What is told. One is made if None.

    Raises:
        ValueError: if an alarm could never be given.
    """
    database = airflow.database if airflow.database_proxy is None else airflow.direct_database
    services = (airflow.airflow, *airflow.workers.values(), airflow.flower)
    observed = Observed(
        cluster_name=airflow.cluster.name,
        airflow=airflow.airflow.service_name,
        workers={
            worker.service_name: airflow.worker_pools[pool].queues for pool, worker in airflow.workers.items()
        },
        others=(airflow.flower.service_name,),
        database=database.identifier,
        max_connections=database.max_connections,
        cache_nodes=airflow.broker.cache_cluster_ids,
        load_balancer=load_balancer_name(airflow.ingress.load_balancer_arn),
        own_load_balancer=airflow.ingress.made,
        queued_timeout_seconds=queued_timeout_seconds or TASK_QUEUED_TIMEOUT_SECONDS,
        target_groups={
            service.service_name: target_group_name(service.target_group_arn) for service in services
        },
    )
    return Observability(airflow, "observability", name=name, observed=observed, options=options, topic=topic)


def _let_reach_archives(airflow: Airflow) -> None:
    """Lets the DAG processor keep the archives of DAGs, and workers read them."""
    archives = airflow.bucket.archives
    connections.grant_archives(airflow.airflow, "dags", bucket=archives, consumer=airflow.airflow)
    for worker in airflow.workers.values():
        connections.grant_read(airflow, f"dags-of-{worker.name}", bucket=archives, consumer=worker)


def _let_into_database(airflow: Airflow, service: Service) -> None:
    if airflow.database_proxy is None:
        connections.allow_store(
            airflow, f"database-from-{service.name}", source=service, store=airflow.database
        )
        return
    airflow.database_proxy.allow_from(service)
    if service is airflow.airflow:
        # Migrations hold a lock of their session, which a proxy would give to others.
        connections.allow_store(
            airflow, f"database-from-{service.name}", source=service, store=airflow.direct_database
        )
