"""The load balancer."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
)
from cdktf_cdktf_provider_aws.lb_listener_rule import (
    LbListenerRule,
    LbListenerRuleAction,
    LbListenerRuleCondition,
    LbListenerRuleConditionPathPattern,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from kf_airflow import answers
from kf_airflow.connections import allow
from kf_airflow.naming import checked_name
from kf_airflow.options import IngressOptions
from kf_airflow.refs import Consumer, NetworkRef, Target

# Forward secrecy, TLS 1.2 and 1.3 only.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


class Ingress(Construct):
    """An application load balancer, which answers 404 until `forward` gives it something to serve.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        network: Where it is placed: in the private subnets if internal, else in the public ones.
        options: How it is made. The defaults of `IngressOptions` if left out.

    Raises:
        ValueError: if a value is not allowed, or the network has not what the load balancer needs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        network: NetworkRef,
        options: IngressOptions | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._options = options or IngressOptions()
        self._name = checked_name(name)
        self._rules = 0
        self._group = SecurityGroup(
            self,
            "security-group",
            name=f"{name}-ingress",
            description="Load balancer of Airflow",
            vpc_id=network.vpc_id,
            tags={"Name": f"{name}-ingress"},
        )
        self._balancer = Lb(
            self,
            "load-balancer",
            name=name,
            load_balancer_type="application",
            internal=self._options.internal,
            subnets=list(_subnets(network, internal=self._options.internal)),
            security_groups=[self._group.id],
            drop_invalid_header_fields=True,
            idle_timeout=self._options.idle_timeout_seconds,
            enable_deletion_protection=self._options.deletion_protection,
            tags={"Name": name},
        )
        self._listener = self._listen()
        self._admit(network)

    @property
    def dns_name(self) -> str:
        """The load balancer's own host name."""
        return str(self._balancer.dns_name)

    @property
    def url(self) -> str:
        """Its address for a browser, without a slash at the end."""
        return f"{'https' if self._options.certificate_arn else 'http'}://{self.dns_name}"

    def forward(self, target: Target, *, paths: Sequence[str] = ()) -> None:
        """Forwards to a service, and makes that start once it is registered there.

        Args:
            target: The service.
            paths: What it serves, at most five patterns; earlier calls win. Everything no other call names if
                left out.
        """
        if not paths:
            self._listener.put_default_action(
                [LbListenerDefaultAction(type="forward", target_group_arn=target.target_group_arn)]
            )
            self._connect(target, self._listener)
            return
        self._connect(
            target,
            self._rule(
                f"forward-{target.name}",
                paths,
                LbListenerRuleAction(type="forward", target_group_arn=target.target_group_arn),
            ),
        )

    def refuse(self, id_: str, *, paths: Sequence[str]) -> None:
        """Answers 403 to what matches one of `paths`, at most five patterns. Earlier calls win."""
        self._rule(f"refuse-{id_}", paths, answers.refused())

    def forward_inside(self, target: Target, *, port: int, source: Consumer) -> None:
        """Forwards a port of its own to a service, for `source` alone."""
        listener = LbListener(
            self,
            f"inside-{target.name}",
            load_balancer_arn=self._balancer.arn,
            port=port,
            protocol="HTTP",
            default_action=[
                LbListenerDefaultAction(type="forward", target_group_arn=target.target_group_arn)
            ],
        )
        self._connect(target, listener)
        allow(
            self,
            f"port-{port}-from-{source.name}",
            source=source,
            security_group_id=self._group.id,
            port=port,
            description=f"{source.name} to {target.name}",
        )

    def _listen(self) -> LbListener:
        if self._options.certificate_arn is None:
            return LbListener(
                self,
                "listener",
                load_balancer_arn=self._balancer.arn,
                port=80,
                protocol="HTTP",
                default_action=[answers.nothing_here()],
            )
        LbListener(
            self,
            "redirect",
            load_balancer_arn=self._balancer.arn,
            port=80,
            protocol="HTTP",
            default_action=[answers.over_https()],
        )
        return LbListener(
            self,
            "listener",
            load_balancer_arn=self._balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy=_TLS_POLICY,
            certificate_arn=self._options.certificate_arn,
            default_action=[answers.nothing_here()],
        )

    def _admit(self, network: NetworkRef) -> None:
        cidrs = self._options.allowed_cidrs
        if cidrs is None:
            if network.cidr_block is None:
                raise ValueError(
                    "allowed_cidrs is not set, and its default, the network's own block, is not known"
                )
            cidrs = (network.cidr_block,)
        for port in (80, 443) if self._options.certificate_arn else (80,):
            for cidr in cidrs:
                VpcSecurityGroupIngressRule(
                    self,
                    f"port-{port}-from-{cidr.replace('/', '-')}",
                    security_group_id=self._group.id,
                    cidr_ipv4=cidr,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    description="Users",
                )

    def _rule(self, id_: str, paths: Sequence[str], action: LbListenerRuleAction) -> LbListenerRule:
        self._rules += 1
        return LbListenerRule(
            self,
            id_,
            listener_arn=self._listener.arn,
            priority=10 * self._rules,
            action=[action],
            condition=[
                LbListenerRuleCondition(path_pattern=LbListenerRuleConditionPathPattern(values=list(paths)))
            ],
        )

    def _connect(self, target: Target, attachment: TerraformResource) -> None:
        """Lets the load balancer reach the target, which ECS registers only with a target group in use."""
        target.start_after(attachment)
        for port in target.target_ports:
            VpcSecurityGroupEgressRule(
                self,
                f"port-{port}-to-{target.name}",
                security_group_id=self._group.id,
                referenced_security_group_id=target.security_group_id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description=target.name,
            )
            target.start_after(
                VpcSecurityGroupIngressRule(
                    self,
                    f"port-{port}-into-{target.name}",
                    security_group_id=target.security_group_id,
                    referenced_security_group_id=self._group.id,
                    ip_protocol="tcp",
                    from_port=port,
                    to_port=port,
                    description="Load balancer",
                )
            )


def _subnets(network: NetworkRef, *, internal: bool) -> tuple[str, ...]:
    if internal:
        return network.private_subnet_ids
    if not network.public_subnet_ids:
        raise ValueError(
            "internal is false, but the network has no public subnets: name some, or make it internal"
        )
    return network.public_subnet_ids
