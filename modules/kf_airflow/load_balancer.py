"""A load balancer, with its security group and its listeners."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import Token
from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs, LbConnectionLogs
from cdktf_cdktf_provider_aws.lb_listener import LbListener
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from cdktf_cdktf_provider_aws.wafv2_web_acl_association import Wafv2WebAclAssociation
from constructs import Construct

from kf_airflow.findings import accept_finding
from kf_airflow.listeners import place_listeners
from kf_airflow.options import IngressOptions
from kf_airflow.refs import BucketRef, LoadBalancerRef, NetworkRef

_EVERYBODY = "0.0.0.0/0"
# Where a load balancer's logs go in a bucket, below its prefix.
_LOGS = "load-balancer"


@dataclass(frozen=True, kw_only=True)
class MadeLoadBalancer:
    """A load balancer that was made here.

    Args:
        ref: What is known of it as of any other.
        balancer: Itself.
        listener: Its listener for users.
    """

    ref: LoadBalancerRef
    balancer: Lb
    listener: LbListener


def place_load_balancer(
    scope: Construct,
    *,
    name: str,
    network: NetworkRef,
    options: IngressOptions,
    access_logs: BucketRef | None,
    description: str,
) -> MadeLoadBalancer:
    """Places a load balancer with its security group and its listeners for users.

    Raises:
        ValueError: if the network has not what it needs.
    """
    group = SecurityGroup(
        scope,
        "security-group",
        name=f"{name}-ingress",
        description=description,
        vpc_id=network.vpc_id,
        tags={"Name": f"{name}-ingress"},
    )
    prefix = f"{access_logs.prefix}/{_LOGS}" if access_logs else None
    balancer = Lb(
        scope,
        "load-balancer",
        name=name,
        load_balancer_type="application",
        internal=options.internal,
        subnets=list(_subnets(network, internal=options.internal)),
        security_groups=[group.id],
        drop_invalid_header_fields=True,
        # Not `strictest`: that refuses clients that are untidy and no danger, such as a GET with
        # `Content-Length: 0`.
        desync_mitigation_mode="defensive",
        # The redirects of what it serves then lead to where the browser is; else the port may be added.
        preserve_host_header=True,
        # What it serves learns from X-Forwarded-Proto, which always comes with it, that users see HTTPS.
        xff_header_processing_mode="append",
        enable_http2=True,
        idle_timeout=options.idle_timeout_seconds,
        enable_deletion_protection=options.deletion_protection,
        access_logs=(
            LbAccessLogs(bucket=access_logs.name, prefix=prefix, enabled=True) if access_logs else None
        ),
        connection_logs=(
            LbConnectionLogs(bucket=access_logs.name, prefix=prefix, enabled=True) if access_logs else None
        ),
        tags={"Name": name},
    )
    _accept_choices(balancer, options, logs=access_logs is not None)
    listener = place_listeners(scope, load_balancer_arn=balancer.arn, options=options)
    _admit(scope, group, network, options)
    if options.oidc is not None:
        VpcSecurityGroupEgressRule(
            scope,
            "to-identity-provider",
            security_group_id=group.id,
            # It has no addresses that are known beforehand.
            cidr_ipv4=_EVERYBODY,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="Token and user info of who logs in",
        )
    if options.web_acl_arn is not None:
        Wafv2WebAclAssociation(scope, "web-acl", resource_arn=balancer.arn, web_acl_arn=options.web_acl_arn)
    return MadeLoadBalancer(
        ref=LoadBalancerRef(
            arn=balancer.arn,
            listener_arn=listener.arn,
            security_group_id=group.id,
            dns_name=balancer.dns_name,
            zone_id=balancer.zone_id,
            https=options.certificate_arn is not None,
        ),
        balancer=balancer,
        listener=listener,
    )


def _admit(scope: Construct, group: SecurityGroup, network: NetworkRef, options: IngressOptions) -> None:
    cidrs = options.allowed_cidrs
    if cidrs is None:
        if network.cidr_block is None:
            raise ValueError(
                "allowed_cidrs is not set, and its default, the network's own block, is not known"
            )
        cidrs = (network.cidr_block,)
    for port in (80, 443) if options.certificate_arn else (80,):
        for cidr in cidrs:
            rule = VpcSecurityGroupIngressRule(
                scope,
                f"port-{port}-from-{_named(cidr)}",
                security_group_id=group.id,
                cidr_ipv4=cidr,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description="Users",
            )
            if port == 80 and cidr == _EVERYBODY:
                accept_finding(rule, "CKV_AWS_260", "Open to everybody as allowed_cidrs says")


def _accept_choices(balancer: Lb, options: IngressOptions, *, logs: bool) -> None:
    choices = {
        "CKV_AWS_91": (not logs, "It was given no bucket for access logs"),
        "CKV_AWS_150": (not options.deletion_protection, "Chosen by IngressOptions, to be taken down easily"),
        "CKV2_AWS_20": (
            options.certificate_arn is None,
            "Plain HTTP until IngressOptions has a certificate_arn",
        ),
        "CKV2_AWS_28": (
            not options.internal and options.web_acl_arn is None,
            "Open to allowed_cidrs alone, without a firewall until IngressOptions has a web_acl_arn",
        ),
        "CKV2_AWS_76": (
            not options.internal and options.web_acl_arn is not None,
            "What the web ACL filters is for its owner to decide",
        ),
    }
    for check, (chosen, reason) in choices.items():
        if chosen:
            accept_finding(balancer, check, reason)


def _subnets(network: NetworkRef, *, internal: bool) -> tuple[str, ...]:
    if internal:
        return network.private_subnet_ids
    if not network.public_subnet_ids:
        raise ValueError(
            "internal is false, but the network has no public subnets: name some, or make it internal"
        )
    return network.public_subnet_ids


def _named(cidr: str) -> str:
    """Returns what the rule for a block is called: one that Terraform looks up has no digits yet."""
    return "network" if Token.is_unresolved(cidr) else cidr.replace("/", "-")
