"""Lets a load balancer reach what it forwards to."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from kf_airflow.refs import Target


def place_target_rules(scope: Construct, *, target: Target, security_group_id: str) -> None:
    """Lets the load balancer of a security group reach the target's ports, and makes it start after that."""
    for port in target.target_ports:
        VpcSecurityGroupEgressRule(
            scope,
            f"port-{port}-to-{target.name}",
            security_group_id=security_group_id,
            referenced_security_group_id=target.security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=target.name,
        )
        target.start_after(
            VpcSecurityGroupIngressRule(
                scope,
                f"port-{port}-into-{target.name}",
                security_group_id=target.security_group_id,
                referenced_security_group_id=security_group_id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description="Load balancer",
            )
        )
