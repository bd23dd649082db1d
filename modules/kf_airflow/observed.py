"""What of a deployment is watched, by the names that CloudWatch has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kf_airflow.configuration import TASK_QUEUED_TIMEOUT_SECONDS
from kf_airflow.metric import NAMESPACE, Metric


@dataclass(frozen=True, kw_only=True)
class Observed:
    """An Airflow deployment, as CloudWatch names its parts. What is left out has neither alarms nor graphs.

    Args:
        cluster_name: The ECS cluster.
        airflow: The ECS service with the scheduler, the webserver and `metrics`.
        workers: The ECS services of workers, each with the queues it serves.
        others: The other ECS services, whose deployments are watched. None if left out.
        migrate_container: The container of `airflow` that migrates the database. `migrate` if left out.
        database: What RDS calls the database. None if left out.
        max_connections: How many connections it takes. Not known if left out.
        cache_nodes: What ElastiCache calls the broker's nodes. None if left out.
        load_balancer: The end of its ARN, `app/<name>/<id>`. None if left out.
        own_load_balancer: Whether all of its answers are this deployment's. True if left out.
        queued_timeout_seconds: After how long Airflow sends a queued task again. 600 if left out.
        target_groups: The ends of their ARNs, `targetgroup/<name>/<id>`, by ECS service. None if left out.
    """

    cluster_name: str
    airflow: str
    workers: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...] = ()
    migrate_container: str = "migrate"
    database: str | None = None
    max_connections: int | None = None
    cache_nodes: tuple[str, ...] = ()
    load_balancer: str | None = None
    own_load_balancer: bool = True
    queued_timeout_seconds: int = TASK_QUEUED_TIMEOUT_SECONDS
    target_groups: Mapping[str, str] = field(default_factory=dict)

    @property
    def services(self) -> tuple[str, ...]:
        """All its ECS services."""
        return (self.airflow, *self.workers, *self.others)

    @property
    def queues(self) -> dict[str, str]:
        """Each queue, with a service that serves it."""
        found: dict[str, str] = {}
        for service, queues in self.workers.items():
            for queue in queues:
                found.setdefault(queue, service)
        return found

    def of_service(self, name: str, service: str) -> Metric:
        """Returns a metric that `metrics` or a worker publishes of a service."""
        return Metric(
            namespace=NAMESPACE,
            name=name,
            dimensions={"ClusterName": self.cluster_name, "ServiceName": service},
        )

    def of_queue(self, name: str, queue: str) -> Metric:
        """Returns a metric that `metrics` publishes of a queue."""
        return Metric(
            namespace=NAMESPACE,
            name=name,
            dimensions={
                "ClusterName": self.cluster_name,
                "ServiceName": self.queues[queue],
                "QueueName": queue,
            },
        )

    def of_database(self, name: str) -> Metric:
        """Returns a metric of RDS."""
        return Metric(namespace="AWS/RDS", name=name, dimensions={"DBInstanceIdentifier": str(self.database)})

    def of_cache(self, name: str, node: str) -> Metric:
        """Returns a metric of a broker's node."""
        return Metric(namespace="AWS/ElastiCache", name=name, dimensions={"CacheClusterId": node})

    def of_load_balancer(self, name: str) -> Metric:
        """Returns a metric of the load balancer."""
        return Metric(
            namespace="AWS/ApplicationELB", name=name, dimensions={"LoadBalancer": str(self.load_balancer)}
        )

    def of_targets(self, name: str, service: str) -> Metric:
        """Returns a metric of the load balancer about one service's tasks."""
        return Metric(
            namespace="AWS/ApplicationELB",
            name=name,
            dimensions={
                "TargetGroup": self.target_groups[service],
                "LoadBalancer": str(self.load_balancer),
            },
        )
