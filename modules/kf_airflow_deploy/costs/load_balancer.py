"""What of the load balancer is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from kf_airflow_deploy.costs.amounts import HOURS, Amounts
from kf_airflow_deploy.costs.quantity import Quantity
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import Usage

PART = "Load balancer"


def load_balancer(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields its hours, its use, and the addresses of one that is open to the internet."""
    options = ("[existing.load_balancer]",)
    for each in stack.all("aws_lb"):
        yield Quantity(
            part=PART,
            item="load balancer",
            price="load-balancer.hour",
            amounts=Amounts.of(HOURS),
            options=options,
        )
        yield Quantity(
            part=PART,
            item="capacity units (LCU)",
            price="load-balancer.unit-hour",
            amounts=usage.load_balancer_units * HOURS,
            options=options,
        )
        if not each.get("internal", False):
            zones = len(each.get("subnets", ()))
            yield Quantity(
                part=PART,
                item=f"public addresses ({zones}, one a zone)",
                price="public-ipv4.hour",
                amounts=Amounts.of(zones * HOURS),
                options=("[ingress] internal", "[network] zones"),
            )
