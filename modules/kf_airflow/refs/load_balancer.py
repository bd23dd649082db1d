"""A load balancer, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.refs.ref import Ref

PRIORITIES = 50
"""How many priorities the rules of one `Ingress` have to themselves."""

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
_HIGHEST_PRIORITY = 50_000


@dataclass(frozen=True, kw_only=True)
class LoadBalancerRef(Ref):
    """An application load balancer, to which rules are added.

    Who owns it decides who may connect, what it answers by itself, and its logs. It has to keep the host
    names of requests, and to let nobody but the rules of its security group reach port 8793, on which it gets
    a listener for the workers' logs: one Airflow has room on it.

    Args:
        arn: The load balancer.
        listener_arn: Its listener for users; rules are added to it.
        security_group_id: The group that guards it; a rule for each service it has to reach is added to it.
        dns_name: Its own host name.
        zone_id: The hosted zone AWS gave it (`zone_id` of Terraform's `aws_lb`, `CanonicalHostedZoneId` of
            the API). If left out, no record can be made for it.
        https: Whether that listener speaks HTTPS. True if left out.
        first_priority: The rules that are added take priorities from this one on, at most 50 of them; the
            others have to keep off these. 1 if left out.

    Raises:
        ValueError: if the priority is not one, or another value is not allowed.
    """

    arn: str
    listener_arn: str
    security_group_id: str
    dns_name: str
    zone_id: str | None = None
    https: bool = True
    first_priority: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        last = _HIGHEST_PRIORITY - PRIORITIES + 1
        if not 1 <= self.first_priority <= last:
            raise ValueError(f"first_priority is {self.first_priority}: allowed are 1 to {last}")
