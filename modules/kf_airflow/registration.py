"""Where the tasks of a service register: a target group, a private name."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.ecs_service import EcsServiceServiceRegistries
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from cdktf_cdktf_provider_aws.service_discovery_service import (
    ServiceDiscoveryService,
    ServiceDiscoveryServiceDnsConfig,
    ServiceDiscoveryServiceDnsConfigDnsRecords,
    ServiceDiscoveryServiceHealthCheckCustomConfig,
)
from constructs import Construct

from kf_airflow.containers import TargetSpec
from kf_airflow.findings import accept_finding
from kf_airflow.refs import ClusterRef, NetworkRef


def place_target_group(
    scope: Construct, id_: str, *, name: str, target: TargetSpec, network: NetworkRef
) -> LbTargetGroup:
    """Makes the target group in which a load balancer finds the tasks by their addresses."""
    group = LbTargetGroup(
        scope,
        id_,
        name=name,
        port=target.port,
        protocol="HTTP",
        target_type="ip",
        vpc_id=network.vpc_id,
        deregistration_delay=str(target.deregistration_seconds),
        health_check=LbTargetGroupHealthCheck(
            path=target.health_check_path,
            port=str(target.health_check_port or target.port),
            protocol="HTTP",
            matcher="200",
            interval=15,
            timeout=10,
            healthy_threshold=2,
            unhealthy_threshold=4,
        ),
        tags={"Name": name},
    )
    accept_finding(group, "CKV_AWS_378", "TLS ends at the load balancer, which alone reaches the containers")
    return group


def place_registry(
    scope: Construct, id_: str, *, name: str, cluster: ClusterRef
) -> EcsServiceServiceRegistries:
    """Makes the name in the cluster's namespace under which others find the tasks."""
    registry = ServiceDiscoveryService(
        scope,
        id_,
        name=name,
        dns_config=ServiceDiscoveryServiceDnsConfig(
            namespace_id=cluster.namespace_id,
            routing_policy="MULTIVALUE",
            dns_records=[ServiceDiscoveryServiceDnsConfigDnsRecords(type="A", ttl=10)],
        ),
        # ECS reports the health of its containers here. The argument is deprecated but has to be there:
        # without it the provider takes AWS's answer, which is always 1, for a change and replaces the
        # service.
        health_check_custom_config=ServiceDiscoveryServiceHealthCheckCustomConfig(failure_threshold=1),
        # Tasks that were killed leave their addresses behind.
        force_destroy=True,
        tags={"Name": name},
    )
    return EcsServiceServiceRegistries(registry_arn=registry.arn)
