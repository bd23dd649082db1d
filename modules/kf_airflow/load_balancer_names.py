"""How metrics name a load balancer and a target group: by the ends of their ARNs.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

from __future__ import annotations

from cdktf import Fn, Token


def load_balancer_name(arn: str) -> str:
    """Returns `app/<name>/<id>` of a load balancer."""
    return Token.as_string(Fn.element(Fn.split(":loadbalancer/", arn), 1))


def target_group_name(arn: str) -> str:
    """Returns `targetgroup/<name>/<id>` of a target group."""
    return Token.as_string(Fn.element(Fn.split(":", arn), 5))
