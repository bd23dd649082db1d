"""What a synthesized stack deploys, and who may talk to whom in it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from e2e_report import containers, objects
from e2e_report.synthesized import Resource, SynthesizedStack


@dataclass(frozen=True)
class Part:
    """Something that runs or keeps data.

    Args:
        address: Terraform's address of it.
        kind: What it is, for people.
        name: What it is called in AWS.
        facts: What else is worth a line.
        containers: A line for each container, of an ECS service.
        subnets: Addresses of the subnets it is in.
        groups: Addresses of its security groups.
        inside: Whether it is the network's without being in a subnet.
    """

    address: str
    kind: str
    name: str
    facts: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    inside: bool = False


@dataclass(frozen=True)
class Talk:
    """Who may talk to whom.

    Args:
        source: Address of a part, or a block of addresses.
        target: The same.
        what: Ports, or what it does there.
    """

    source: str
    target: str
    what: str


@dataclass(frozen=True)
class Subnet:
    """A subnet: what it is called, and its block."""

    address: str
    name: str
    cidr: str


@dataclass(frozen=True)
class Deployed:
    """All of it.

    Args:
        network: Name and block of the VPC; empty when it is not this stack's.
        subnets: Its subnets.
        parts: What runs or keeps data.
        talks: Who may talk to whom, as security groups and IAM policies say.
    """

    network: str
    subnets: tuple[Subnet, ...]
    parts: tuple[Part, ...]
    talks: tuple[Talk, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Deployed":
        """Reads it from Terraform's JSON."""
        stack = SynthesizedStack(document)
        parts = tuple(
            part
            for kind, read in _READERS.items()
            for address, arguments in stack.of(kind)
            for part in [read(stack, address, arguments)]
        )
        return cls(
            network=", ".join(f"{_name(vpc)} {vpc['cidr_block']}" for _, vpc in stack.of("aws_vpc")),
            subnets=tuple(
                Subnet(address, _name(subnet), subnet["cidr_block"])
                for address, subnet in stack.of("aws_subnet")
            ),
            parts=parts,
            talks=(
                *_through_groups(stack, parts),
                *_routes(stack),
                *(Talk(*uses) for uses in objects.uses(stack)),
            ),
        )


def _name(arguments: Resource) -> str:
    return str(arguments.get("tags", {}).get("Name", ""))


def _load_balancer(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    served = {
        stack.address(target["target_group_arn"]): str(service["name"])
        for _, service in stack.of("aws_ecs_service")
        for target in service.get("load_balancer") or []
    }

    def forwarded(actions: list[Resource]) -> str:
        return ", ".join(
            served.get(stack.address(action["target_group_arn"]), "a target group")
            if "target_group_arn" in action
            else str(action["type"])
            for action in actions
        )

    facts = []
    for listener, arguments in stack.of("aws_lb_listener"):
        if stack.address(arguments["load_balancer_arn"]) != address:
            continue
        port = f"{arguments['port']} {arguments['protocol']}"
        facts.append(f"{port}: {forwarded(arguments['default_action'])}")
        for _, rule in stack.of("aws_lb_listener_rule"):
            if stack.address(rule["listener_arn"]) == listener:
                paths = [
                    value
                    for condition in rule["condition"]
                    for matched in condition.values()
                    for value in matched.get("values", [])
                ]
                facts.append(f"{port} {' '.join(paths)}: {forwarded(rule['action'])}")
    return Part(
        address,
        "load balancer" + (", internal" if found.get("internal") else ""),
        str(found["name"]),
        facts=tuple(facts),
        subnets=stack.addresses(found.get("subnets")),
        groups=stack.addresses(found.get("security_groups")),
    )


def _service(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    task = stack.arguments(stack.address(found["task_definition"]))
    places = found.get("network_configuration") or {}
    facts = [
        f"{found.get('desired_count', 'any number of')} x {task['cpu']} CPU units, {task['memory']} MiB",
        *containers.names(stack, found),
    ]
    return Part(
        address,
        "ECS service",
        str(found["name"]),
        facts=tuple(facts),
        containers=containers.lines(task),
        subnets=stack.addresses(places.get("subnets")),
        groups=stack.addresses(places.get("security_groups")),
    )


def _database(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    group = stack.arguments(stack.address(found.get("db_subnet_group_name")))
    return Part(
        address,
        f"RDS, {found['engine']} {found['engine_version']}",
        str(found["identifier"]),
        facts=(str(found["instance_class"]),),
        subnets=stack.addresses(group.get("subnet_ids")),
        groups=stack.addresses(found.get("vpc_security_group_ids")),
    )


def _proxy(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    return Part(
        address,
        "RDS Proxy",
        str(found["name"]),
        subnets=stack.addresses(found.get("vpc_subnet_ids")),
        groups=stack.addresses(found.get("vpc_security_group_ids")),
    )


def _broker(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    group = stack.arguments(stack.address(found.get("subnet_group_name")))
    return Part(
        address,
        f"ElastiCache, {found['engine']} {found['engine_version']}",
        str(found["replication_group_id"]),
        facts=(f"{found['num_cache_clusters']} x {found['node_type']}",),
        subnets=stack.addresses(group.get("subnet_ids")),
        groups=stack.addresses(found.get("security_group_ids")),
    )


def _bucket(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    return Part(address, "S3 bucket", str(found.get("bucket") or f"{found.get('bucket_prefix', '')}..."))


def _gateway(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    return Part(address, "NAT gateway", _name(found), subnets=stack.addresses(found["subnet_id"]))


def _endpoint(stack: SynthesizedStack, address: str, found: Resource) -> Part:
    service = str(found["service_name"]).rpartition(".")[2]
    return Part(
        address,
        f"{found.get('vpc_endpoint_type', 'Gateway')} endpoint",
        service,
        subnets=stack.addresses(found.get("subnet_ids")),
        groups=stack.addresses(found.get("security_group_ids")),
        inside=True,
    )


_READERS: dict[str, Callable[[SynthesizedStack, str, Resource], Part]] = {
    "aws_lb": _load_balancer,
    "aws_ecs_service": _service,
    "aws_db_proxy": _proxy,
    "aws_db_instance": _database,
    "aws_elasticache_replication_group": _broker,
    "aws_s3_bucket": _bucket,
    "aws_nat_gateway": _gateway,
    "aws_vpc_endpoint": _endpoint,
}


def _through_groups(stack: SynthesizedStack, parts: tuple[Part, ...]) -> Iterator[Talk]:
    """Yields who may talk to whom, with the ports of one pair together."""
    members: dict[str, list[str]] = {}
    for part in parts:
        for group in part.groups:
            members.setdefault(group, []).append(part.address)
    ports: dict[tuple[str, str], set[str]] = {}
    for _, rule in stack.of("aws_vpc_security_group_ingress_rule"):
        target = stack.address(rule["security_group_id"])
        source = stack.address(rule.get("referenced_security_group_id") or _block(rule))
        for one in members.get(source, [source]):
            for other in members.get(target, [target]):
                ports.setdefault((one, other), set()).add(_ports(rule))
    for _, rule in stack.of("aws_vpc_security_group_egress_rule"):
        # To another group it is the other side of a rule that lets it in.
        if not rule.get("referenced_security_group_id"):
            for one in members.get(stack.address(rule["security_group_id"]), []):
                ports.setdefault((one, _block(rule)), set()).add(_ports(rule))
    for (source, target), which in ports.items():
        yield Talk(source, target, ", ".join(sorted(which)))


def _routes(stack: SynthesizedStack) -> Iterator[Talk]:
    """Yields where gateways lead to."""
    led = {
        (stack.address(route["nat_gateway_id"]), str(route["destination_cidr_block"]))
        for _, route in stack.of("aws_route")
        if route.get("nat_gateway_id")
    }
    for gateway, destination in sorted(led):
        yield Talk(gateway, destination, "route")


def _block(rule: Resource) -> str:
    return str(rule.get("cidr_ipv4") or rule.get("cidr_ipv6") or rule.get("prefix_list_id"))


def _ports(rule: Resource) -> str:
    first, last = rule.get("from_port"), rule.get("to_port")
    if str(rule["ip_protocol"]) == "-1":
        return "any port"
    return f"{first}" if first == last else f"{first} to {last}"
