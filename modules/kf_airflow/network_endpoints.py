"""How a VPC reaches AWS's APIs without a way to the internet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_endpoint import VpcEndpoint
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from kf_airflow.options.network import GATEWAY


def place_gateway_endpoint(
    scope: Construct,
    *,
    name: str,
    vpc_id: str,
    region: str,
    route_table_ids: Sequence[str],
    policies: Mapping[str, str],
) -> VpcEndpoint:
    """Makes the gateway through which S3 is reached.

    Args:
        scope: Where it is placed. Once in a scope.
        name: What it is called.
        vpc_id: The VPC.
        region: Where the VPC is.
        route_table_ids: The route tables that lead there.
        policies: Policies of endpoints by their service. AWS's own, which lets everything through, if it has
            none there.
    """
    return VpcEndpoint(
        scope,
        GATEWAY,
        vpc_id=vpc_id,
        service_name=f"com.amazonaws.{region}.{GATEWAY}",
        vpc_endpoint_type="Gateway",
        route_table_ids=list(route_table_ids),
        policy=policies.get(GATEWAY),
        tags={"Name": f"{name}-{GATEWAY}"},
    )


def place_interface_endpoints(
    scope: Construct,
    services: Sequence[str],
    *,
    name: str,
    vpc_id: str,
    cidr_block: str,
    region: str,
    subnet_ids: Sequence[str],
    policies: Mapping[str, str],
) -> list[VpcEndpoint]:
    """Makes interface endpoints, which answer the whole VPC by AWS's own host names.

    Args:
        scope: Where they are placed. Once in a scope.
        services: Of which services, as AWS names them without `com.amazonaws.<region>.`.
        name: What they are called.
        vpc_id: The VPC.
        cidr_block: Its block.
        region: Where it is.
        subnet_ids: Where they are reached, one subnet for each zone.
        policies: Policies of endpoints by their service. AWS's own, which lets everything through, for those
            that have none there.
    """
    if not services:
        return []
    group = SecurityGroup(
        scope,
        "endpoints",
        name=f"{name}-endpoints",
        description="AWS APIs reached from inside",
        vpc_id=vpc_id,
        tags={"Name": f"{name}-endpoints"},
    )
    VpcSecurityGroupIngressRule(
        scope,
        "endpoints-from-inside",
        security_group_id=group.id,
        cidr_ipv4=cidr_block,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        description="AWS APIs over TLS",
    )
    return [
        VpcEndpoint(
            scope,
            f"endpoint-{service.replace('.', '-')}",
            vpc_id=vpc_id,
            service_name=f"com.amazonaws.{region}.{service}",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=list(subnet_ids),
            security_group_ids=[group.id],
            policy=policies.get(service),
            tags={"Name": f"{name}-{service}"},
        )
        for service in services
    ]
