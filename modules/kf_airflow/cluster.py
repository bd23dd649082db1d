"""The ECS cluster and its private names."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.data_aws_region import DataAwsRegion
from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster, EcsClusterSetting
from cdktf_cdktf_provider_aws.service_discovery_private_dns_namespace import (
    ServiceDiscoveryPrivateDnsNamespace,
)
from constructs import Construct

from kf_airflow.naming import checked_name, namespace
from kf_airflow.options import LogOptions
from kf_airflow.refs import ClusterRef, NetworkRef


class Cluster(Construct):
    """An ECS cluster for Fargate with a private Cloud Map namespace, `<name>.internal`.

    It also decides what the log groups of its services are called and how long they keep; each `Service`
    makes its own.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: The cluster's name.
        network: Where the namespace's names resolve.
        logs: How log groups are made. `LogOptions` with its defaults if left out.
        container_insights: Whether CloudWatch collects metrics of tasks and containers. True if left out.

    Raises:
        ValueError: if the name is not allowed.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        network: NetworkRef,
        logs: LogOptions | None = None,
        container_insights: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        logs = logs or LogOptions()
        cluster = EcsCluster(
            self,
            "cluster",
            name=checked_name(name),
            setting=[
                EcsClusterSetting(
                    name="containerInsights", value="enabled" if container_insights else "disabled"
                )
            ],
            tags={"Name": name},
        )
        names = ServiceDiscoveryPrivateDnsNamespace(
            self,
            "namespace",
            name=namespace(name),
            description=f"Services of {name}",
            vpc=network.vpc_id,
            tags={"Name": namespace(name)},
        )
        self.ref = ClusterRef(
            name=cluster.name,
            arn=cluster.arn,
            region=DataAwsRegion(self, "region").id,
            namespace_id=names.id,
            namespace_name=namespace(name),
            log_group_prefix=logs.prefix or f"apps/{name}",
            log_retention_days=logs.retention_days,
        )
