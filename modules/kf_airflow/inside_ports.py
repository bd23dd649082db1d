"""Ports of a load balancer that are for who is inside."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from kf_airflow import answers
from kf_airflow.connections import allow
from kf_airflow.ingress_rules import Match
from kf_airflow.listeners import place_inside_listener, place_rule

if TYPE_CHECKING:
    from cdktf import TerraformResource
    from cdktf_cdktf_provider_aws.lb_listener import LbListener
    from constructs import Construct

    from kf_airflow.refs import Consumer, LoadBalancerRef, Target


class InsidePorts:
    """The listeners of a load balancer, one for each port, that forward for who is inside.

    Args:
        scope: Where they are placed.
        load_balancer: Whose they are.
    """

    def __init__(self, scope: Construct, load_balancer: LoadBalancerRef) -> None:
        self._scope = scope
        self._balancer = load_balancer
        self._listeners: dict[int, LbListener] = {}
        self._priorities = count(1)

    def forward(
        self, target: Target, *, port: int, source: Consumer, paths: Sequence[str]
    ) -> TerraformResource:
        """Forwards a port, or paths of it, to a target for `source` alone, and returns what does so.

        Raises:
            ValueError: if the first call for a port names paths, or another does not.
        """
        listener = self._listeners.get(port)
        if bool(paths) != (listener is not None):
            raise ValueError(
                f"paths of {target.name!r} are {list(paths)}: allowed are none in the first call for port "
                f"{port}, and some in all others"
            )
        self._admit(source, port, target)
        id_ = f"inside-{target.name}"
        attachment: TerraformResource
        if listener is None:
            attachment = self._listeners[port] = place_inside_listener(
                self._scope,
                id_,
                load_balancer_arn=self._balancer.arn,
                port=port,
                target_group_arn=target.target_group_arn,
            )
        else:
            attachment = place_rule(
                self._scope,
                id_,
                listener_arn=listener.arn,
                priority=next(self._priorities),
                match=Match(paths=tuple(paths)),
                actions=answers.to(target.target_group_arn),
            )
        return attachment

    def _admit(self, source: Consumer, port: int, target: Target) -> None:
        id_ = f"port-{port}-from-{source.name}"
        if self._scope.node.try_find_child(id_) is None:
            allow(
                self._scope,
                id_,
                source=source,
                security_group_id=self._balancer.security_group_id,
                port=port,
                description=f"{source.name} to {target.name}",
            )
