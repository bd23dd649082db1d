"""What of a network is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from kf_airflow_deploy.costs.amounts import HOURS, NOTHING, Amounts
from kf_airflow_deploy.costs.quantity import Quantity
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import Usage

PART = "Network"
_NAT = ("[network] nat", "[network] zones")


def network(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields what its gateways, addresses and endpoints amount to."""
    if gateways := len(stack.all("aws_nat_gateway")):
        yield _quantity(f"NAT gateways ({gateways})", "nat.hour", gateways * HOURS, *_NAT)
        yield Quantity(
            part=PART, item="through the NAT gateways", price="nat.gb", amounts=usage.nat_gb, options=_NAT[:1]
        )
    if addresses := len(stack.all("aws_eip")):
        yield _quantity(f"public addresses ({addresses})", "public-ipv4.hour", addresses * HOURS, *_NAT)
    interfaces = [
        each for each in stack.all("aws_vpc_endpoint") if each.get("vpc_endpoint_type") == "Interface"
    ]
    if interfaces:
        places = sum(len(each.get("subnet_ids", ())) for each in interfaces)
        options = ("[network] endpoints", *_NAT)
        name = f"interface endpoints ({len(interfaces)}, in each zone)"
        yield _quantity(name, "endpoint.hour", places * HOURS, *options)
        yield Quantity(
            part=PART,
            item="through the endpoints",
            price="endpoint.gb",
            amounts=usage.endpoint_gb,
            options=options[:1],
        )
    if stack.all("aws_ecs_service"):
        # AWS charges both who sends and who receives.
        yield Quantity(
            part=PART,
            item="between zones",
            price="cross-zone.gb",
            amounts=usage.cross_zone_gb * 2,
            options=("[network] zones",),
        )


def flow_logs(stack: StackResources, usage: Usage) -> Amounts:
    """Returns the gigabytes of flow logs that CloudWatch gets a month."""
    kept = [each for each in stack.all("aws_flow_log") if each.get("log_destination_type") != "s3"]
    return usage.flow_logs_gb * len(kept) if kept else NOTHING


def _quantity(item: str, price: str, amount: float, *options: str) -> Quantity:
    return Quantity(part=PART, item=item, price=price, amounts=Amounts.of(amount), options=options)
