"""The ECS cluster and its private names."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster, EcsClusterSetting
from cdktf_cdktf_provider_aws.ecs_cluster_capacity_providers import (
    EcsClusterCapacityProviders,
    EcsClusterCapacityProvidersDefaultCapacityProviderStrategy,
)
from cdktf_cdktf_provider_aws.service_discovery_private_dns_namespace import (
    ServiceDiscoveryPrivateDnsNamespace,
)
from constructs import Construct

from kf_airflow.account import look_up_account
from kf_airflow.findings import accept_finding
from kf_airflow.naming import checked_name, namespace
from kf_airflow.options import LogOptions
from kf_airflow.refs import ClusterRef, KeyRef, NetworkRef

CAPACITY_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


class Cluster(Construct):
    """An ECS cluster for Fargate and Fargate Spot with a private Cloud Map namespace, `<name>.internal`.

    It also decides what the log groups of its services are called, how long they keep, and what they are
    encrypted with; each `Service` makes its own.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: The cluster's name.
        network: Where the namespace's names resolve.
        logs: How log groups are made. `LogOptions` with its defaults if left out.
        container_insights: Whether CloudWatch collects metrics of tasks and containers. True if left out.
        key: What the log groups are encrypted with. CloudWatch's own key if left out.

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
        key: KeyRef | None = None,
    ) -> None:
        super().__init__(scope, id_)
        logs = logs or LogOptions()
        account = look_up_account(self)
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
        if not container_insights:
            accept_finding(cluster, "CKV_AWS_65", "container_insights is the user's choice")
        capacity = EcsClusterCapacityProviders(
            self,
            "capacity-providers",
            cluster_name=cluster.name,
            capacity_providers=list(CAPACITY_PROVIDERS),
            # For tasks that somebody runs by hand; services say their own.
            default_capacity_provider_strategy=[
                EcsClusterCapacityProvidersDefaultCapacityProviderStrategy(
                    capacity_provider=CAPACITY_PROVIDERS[0], weight=1
                )
            ],
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
            # By way of the capacity providers: a service that names one comes after it.
            name=capacity.cluster_name,
            arn=cluster.arn,
            region=account.region,
            account_id=account.id,
            namespace_id=names.id,
            namespace_name=namespace(name),
            log_group_prefix=logs.prefix or f"apps/{name}",
            log_retention_days=logs.retention_days,
            log_key_arn=key.arn if key else None,
        )
