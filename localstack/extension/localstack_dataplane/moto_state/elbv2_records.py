"""What ELBv2 operations ask of moto's state, and write into it."""

from collections.abc import Iterable, Mapping
from typing import Any

from moto.acm.models import acm_backends
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from localstack_dataplane.elbv2.health import REGISTERED, Health, just_deregistered
from localstack_dataplane.elbv2.model import Target
from localstack_dataplane.moto_state.elbv2 import groups, targets_of


def named(account_id: str, region: str, name: str) -> Any:
    """Moto's own load balancer of that name; None if there is none. Moto would make a second one."""
    found = list(elbv2_backends[account_id][region].load_balancers.values())
    return next((balancer for balancer in found if balancer.name == name), None)


def is_as_asked(balancer: Any, request: Mapping[str, Any]) -> bool:
    """Whether CreateLoadBalancer asks for a load balancer that is there, just as it is."""
    mapped = [mapping["SubnetId"] for mapping in request.get("SubnetMappings") or ()]
    return (
        balancer.type == (request.get("Type") or "application")
        and (balancer.scheme or "internet-facing") == (request.get("Scheme") or "internet-facing")
        and {subnet.id for subnet in balancer.subnets} == {*(request.get("Subnets") or ()), *mapped}
    )


def state_of(account_id: str, region: str, arn: str) -> str:
    """State of a load balancer: moto calls each one active as soon as somebody asks."""
    found = elbv2_backends[account_id][region].load_balancers.get(arn)
    if found is None or found.type != "application":
        return "active"
    return str(getattr(found, "dataplane_state", "provisioning"))


def target_health(target_group_arn: str) -> dict[Target, Health]:
    """Health of the targets of a group, those that drain too; empty for a group that does not exist."""
    for group in groups():
        if group.arn == target_group_arn:
            known: dict[Target, Health] = getattr(group, "dataplane_health", {})
            present = dict.fromkeys(targets_of(group), REGISTERED)
            # ECS asks right after it took a target out, to stop the task only when it has drained.
            leaving = {target: just_deregistered(known[target]) for target in known.keys() - present.keys()}
            return present | known | leaving
    return {}


def group(account_id: str, region: str, arn: str) -> Any:
    """Moto's own target group; None if there is none."""
    return elbv2_backends[account_id][region].target_groups.get(arn)


def group_named(account_id: str, region: str, name: str) -> Any:
    """Moto's own target group of that name; None if there is none."""
    found = list(elbv2_backends[account_id][region].target_groups.values())
    return next((item for item in found if item.name == name), None)


def is_group_as_asked(found: Any, request: Mapping[str, Any]) -> bool:
    """Whether CreateTargetGroup asks for a target group that is there, just as it is."""
    defaults = {"Protocol": found.protocol, "TargetType": "instance"}
    held = {
        "Protocol": found.protocol,
        "Port": found.port,
        "VpcId": found.vpc_id,
        "TargetType": found.target_type,
        "HealthCheckProtocol": found.health_check_protocol,
        "HealthCheckPort": found.health_check_port,
        "HealthCheckPath": found.health_check_path,
        "HealthCheckIntervalSeconds": found.health_check_interval_seconds,
        "HealthCheckTimeoutSeconds": found.health_check_timeout_seconds,
        "HealthyThresholdCount": found.healthy_threshold_count,
        "UnhealthyThresholdCount": found.unhealthy_threshold_count,
    }
    asked = {**defaults, **{key: value for key, value in request.items() if key in held}}
    return all(str(value) == str(held[key]) for key, value in asked.items())


def register(found: Any, targets: Iterable[Target]) -> None:
    """Add targets to a target group. Moto keeps one port for each address, AWS as many as are asked for."""
    for target in targets:
        found.targets[f"{target.id}:{target.port}"] = {"Id": target.id, "Port": target.port}


def deregister(found: Any, targets: Iterable[Target]) -> None:
    """Take targets out of a target group; one that is not in it is fine."""
    for target in targets:
        found.targets.pop(f"{target.id}:{target.port}", None)


def load_balancer(account_id: str, region: str, arn: str) -> Any:
    """Moto's own load balancer; None if there is none."""
    return elbv2_backends[account_id][region].load_balancers.get(arn)


def require(account_id: str, region: str, arn: str) -> None:
    """Raise moto's own error for a resource, of whatever kind, that there is not."""
    elbv2_backends[account_id][region]._get_resource_by_arn(arn)  # noqa: SLF001


def listener(account_id: str, region: str, arn: str) -> Any:
    """Moto's own listener; None if there is none."""
    balancers = list(elbv2_backends[account_id][region].load_balancers.values())
    return next((item.listeners[arn] for item in balancers if arn in item.listeners), None)


def rule(account_id: str, region: str, arn: str) -> Any:
    """Moto's own rule; None if there is none."""
    balancers = list(elbv2_backends[account_id][region].load_balancers.values())
    listeners = [found for item in balancers for found in list(item.listeners.values())]
    return next((rule for found in listeners for rule in found.rules.values() if rule.arn == arn), None)


def load_balancers_using(account_id: str, region: str, target_group_arn: str) -> list[str]:
    """ARNs of the load balancers that have a rule which forwards to a target group."""
    return [
        balancer.arn
        for balancer in list(elbv2_backends[account_id][region].load_balancers.values())
        if any(
            target_group_arn in target_group_arns([action.data for action in rule.actions])
            for found in list(balancer.listeners.values())
            for rule in list(found.rules.values())
        )
    ]


def target_group_arns(actions: Iterable[Mapping[str, Any]]) -> list[str]:
    """The target groups that actions forward to."""
    return [
        arn
        for action in actions
        for arn in (
            action.get("TargetGroupArn"),
            *(
                item["TargetGroupArn"]
                for item in (action.get("ForwardConfig") or {}).get("TargetGroups") or ()
            ),
        )
        if arn
    ]


def zones(account_id: str, region: str, subnets: Iterable[str]) -> list[str]:
    """The zone of each subnet that there is."""
    known = {
        subnet.id: subnet
        for zone in list(ec2_backends[account_id][region].subnets.values())
        for subnet in list(zone.values())
    }
    return [known[subnet].availability_zone for subnet in subnets if subnet in known]


def missing_security_groups(account_id: str, region: str, wanted: Iterable[str]) -> list[str]:
    """Those that there are not."""
    backend = ec2_backends[account_id][region]
    return [item for item in wanted if backend.get_security_group_from_id(item) is None]


def missing_instances(account_id: str, region: str, wanted: Iterable[str]) -> list[str]:
    """Those that do not run."""
    backend = ec2_backends[account_id][region]
    found = {item: backend.get_instance_by_id(item) for item in wanted}
    return [item for item, instance in found.items() if instance is None or instance.state != "running"]


def has_certificate(account_id: str, region: str, arn: str) -> bool:
    """Whether ACM has a certificate; those of IAM are taken on trust."""
    return ":iam:" in arn or any(
        found.arn == arn
        for found in list(acm_backends[account_id][region]._certificates.values())  # noqa: SLF001
    )
