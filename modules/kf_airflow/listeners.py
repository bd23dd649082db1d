"""The listeners of a load balancer, and their rules."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.lb_listener import LbListener
from cdktf_cdktf_provider_aws.lb_listener_certificate import LbListenerCertificate
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleCondition,
    LbListenerRuleConditionHostHeader,
    LbListenerRuleConditionHttpRequestMethod,
    LbListenerRuleConditionPathPattern,
)
from constructs import Construct

from kf_airflow import answers
from kf_airflow.findings import accept_finding
from kf_airflow.ingress_rules import Match
from kf_airflow.options import IngressOptions

# That a listener speaks HTTPS, and TLS 1.2 at least.
_TLS_CHECKS = ("CKV_AWS_2", "CKV_AWS_103")


def place_listeners(scope: Construct, *, load_balancer_arn: str, options: IngressOptions) -> LbListener:
    """Places the listeners for users, and returns the one that serves them. It answers 404 at first."""
    if options.certificate_arn is None:
        listener = LbListener(
            scope,
            "listener",
            load_balancer_arn=load_balancer_arn,
            port=80,
            protocol="HTTP",
            default_action=answers.nothing_here(),
        )
        for check in _TLS_CHECKS:
            accept_finding(listener, check, "Plain HTTP until IngressOptions has a certificate_arn")
        return listener
    LbListener(
        scope,
        "redirect",
        load_balancer_arn=load_balancer_arn,
        port=80,
        protocol="HTTP",
        default_action=answers.over_https(),
    )
    listener = LbListener(
        scope,
        "listener",
        load_balancer_arn=load_balancer_arn,
        port=443,
        protocol="HTTPS",
        ssl_policy=options.tls_policy,
        certificate_arn=options.certificate_arn,
        default_action=answers.nothing_here(),
    )
    for number, certificate_arn in enumerate(options.extra_certificate_arns, start=1):
        LbListenerCertificate(
            scope, f"certificate-{number}", listener_arn=listener.arn, certificate_arn=certificate_arn
        )
    return listener


def place_inside_listener(
    scope: Construct, id_: str, *, load_balancer_arn: str, port: int, target_group_arn: str
) -> LbListener:
    """Places a listener that forwards a port to a target, and is for who is inside alone."""
    listener = LbListener(
        scope,
        id_,
        load_balancer_arn=load_balancer_arn,
        port=port,
        protocol="HTTP",
        default_action=answers.everything_to(target_group_arn),
    )
    for check in _TLS_CHECKS:
        accept_finding(listener, check, "For one service of the same network, which is asked in plain HTTP")
    return listener


def place_rule(
    scope: Construct,
    id_: str,
    *,
    listener_arn: str,
    priority: int,
    match: Match,
    actions: list[LbListenerRuleAction],
) -> LbListenerRule:
    """Places a rule of a listener: what is done with the requests that match."""
    conditions = []
    if match.hosts:
        hosts = LbListenerRuleConditionHostHeader(values=list(match.hosts))
        conditions.append(LbListenerRuleCondition(host_header=hosts))
    if match.paths:
        paths = LbListenerRuleConditionPathPattern(values=list(match.paths))
        conditions.append(LbListenerRuleCondition(path_pattern=paths))
    if match.methods:
        methods = LbListenerRuleConditionHttpRequestMethod(values=list(match.methods))
        conditions.append(LbListenerRuleCondition(http_request_method=methods))
    return LbListenerRule(
        scope,
        id_,
        listener_arn=listener_arn,
        priority=priority,
        action=actions,
        condition=conditions,
    )
