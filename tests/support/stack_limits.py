"""Finds in a synthesized stack what AWS would refuse, though Terraform may not know it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from synthesis import Synthesized

from kf_airflow.options.logs import LOG_RETENTION_DAYS

# How names look, by resource and argument.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html (a prefix leaves room for 26)
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html (a prefix leaves room for 26)
_LETTERS_AND_HYPHENS = r"(?!.*--)[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_NAMES = {
    ("aws_cloudwatch_log_group", "name"): r"[\w./#-]{1,512}",
    ("aws_db_instance", "identifier"): rf"(?=.{{1,63}}$){_LETTERS_AND_HYPHENS}",
    ("aws_db_parameter_group", "name"): rf"(?=.{{1,255}}$){_LETTERS_AND_HYPHENS}",
    ("aws_db_proxy", "name"): rf"(?=.{{1,63}}$){_LETTERS_AND_HYPHENS}",
    ("aws_db_subnet_group", "name"): r"[a-z0-9 ._-]{1,255}",
    ("aws_ecs_cluster", "name"): r"[\w-]{1,255}",
    ("aws_ecs_service", "name"): r"[\w-]{1,255}",
    ("aws_ecs_task_definition", "family"): r"[\w-]{1,255}",
    ("aws_elasticache_parameter_group", "name"): rf"(?=.{{1,255}}$){_LETTERS_AND_HYPHENS}",
    ("aws_elasticache_replication_group", "replication_group_id"): rf"(?=.{{1,40}}$){_LETTERS_AND_HYPHENS}",
    ("aws_elasticache_subnet_group", "name"): r"[a-z0-9-]{1,255}",
    ("aws_iam_role", "name_prefix"): r"[\w+=,.@-]{1,38}",
    ("aws_iam_role_policy", "name"): r"[\w+=,.@-]{1,128}",
    ("aws_kms_alias", "name"): r"alias/(?!aws/)[\w/-]{1,250}",
    ("aws_lb", "name"): r"(?!internal-)(?=.{1,32}$)[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?",
    ("aws_lb_target_group", "name"): r"(?=.{1,32}$)[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?",
    ("aws_s3_bucket", "bucket"): r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]",
    ("aws_s3_bucket", "bucket_prefix"): r"[a-z0-9][a-z0-9.-]{0,36}",
    ("aws_secretsmanager_secret", "name"): r"[\w/+=.@-]{1,512}",
    ("aws_security_group", "name"): r"(?!sg-)[\w .:/()#,@\[\]+=&;{}!$*-]{1,255}",
}
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
_TAG = re.compile(r"[\w .:/=+@-]{0,256}")
_HIGHEST_PRIORITY = 50_000
# Arguments that may be empty: a life cycle's for all objects, and values of variables and parameters.
_MAY_BE_EMPTY = {"prefix", "value"}
_BREAKER = {"enable": True, "rollback": True}


def unfit(stack: Synthesized) -> list[str]:
    """Returns a description of each thing that AWS would refuse, or that nobody would run."""
    return [
        *_names(stack),
        *_tags(stack),
        *_empty(stack.document, "stack"),
        *_retention(stack),
        *_services(stack),
        *_security_group_rules(stack),
        *_listener_rules(stack),
    ]


def _resources(stack: Synthesized, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for type_ in types:
        for id_, resource in stack.document.get("resource", {}).get(type_, {}).items():
            yield f"{type_}.{id_}", resource


def _names(stack: Synthesized) -> Iterator[str]:
    for (type_, argument), pattern in _NAMES.items():
        taken: Counter[str] = Counter()
        for address, resource in _resources(stack, type_):
            name = resource.get(argument)
            if name is None:
                continue
            if not re.fullmatch(pattern, name, re.ASCII):
                yield f"{address}: {argument} is {name!r}"
            taken[name] += not argument.endswith("prefix") and type_ != "aws_iam_role_policy"
        yield from (f"{type_}: {name!r} {times} times" for name, times in taken.items() if times > 1)


def _tags(stack: Synthesized) -> Iterator[str]:
    (provider,) = stack.document["provider"]["aws"]
    tagged = [("provider", provider["default_tags"][0]), *_resources(stack, *stack.document["resource"])]
    for address, tags in ((address, one.get("tags", {})) for address, one in tagged):
        for key, value in tags.items():
            if "${" not in value and not _TAG.fullmatch(value):
                yield f"{address}: tag {key} is {value!r}"


def _empty(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in {"//", "tags", *_MAY_BE_EMPTY}:
                yield from _empty(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _empty(item, f"{path}[{index}]")
    elif isinstance(value, str) and not value.strip():
        yield f"{path} is {value!r}"


def _retention(stack: Synthesized) -> Iterator[str]:
    for address, group in _resources(stack, "aws_cloudwatch_log_group"):
        if group["retention_in_days"] not in LOG_RETENTION_DAYS:
            yield f"{address}: retention_in_days is {group['retention_in_days']}"


def _services(stack: Synthesized) -> Iterator[str]:
    definitions = stack.document.get("resource", {}).get("aws_ecs_task_definition", {})
    for address, service in _resources(stack, "aws_ecs_service"):
        if service.get("deployment_circuit_breaker") != _BREAKER:
            yield f"{address}: no circuit breaker"
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
        if not 0 <= service["desired_count"] <= 5000:
            yield f"{address}: desired_count is {service['desired_count']}"
        definition = definitions[service["task_definition"].split(".")[1]]
        containers = {one["name"] for one in json.loads(definition["container_definitions"])}
        for balancer in service.get("load_balancer", []):
            if balancer["container_name"] not in containers:
                yield f"{address}: no container {balancer['container_name']}"


def _security_group_rules(stack: Synthesized) -> Iterator[str]:
    seen: set[tuple[Any, ...]] = set()
    types = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
    for address, rule in _resources(stack, *types):
        block, source = rule.get("cidr_ipv4"), rule.get("referenced_security_group_id")
        if (block is None) == (source is None):
            yield f"{address}: from {block} and {source}"
        if block is not None and "${" not in block and not _is_block(block):
            yield f"{address}: cidr_ipv4 is {block!r}"
        ports = (rule.get("from_port"), rule.get("to_port"))
        if any(port is not None and not 0 < port <= 65535 for port in ports):
            yield f"{address}: ports {ports}"
        parts = (address.split(".")[0], rule["security_group_id"], block, source, rule["ip_protocol"], *ports)
        if parts in seen:
            yield f"{address}: the same once more"
        seen.add(parts)


def _is_block(text: str) -> bool:
    try:
        return str(ip_network(text)) == text
    except ValueError:
        return False


def _listener_rules(stack: Synthesized) -> Iterator[str]:
    ports: Counter[tuple[str, int]] = Counter()
    for _, listener in _resources(stack, "aws_lb_listener"):
        ports[listener["load_balancer_arn"], listener["port"]] += 1
    yield from (f"{port} of {balancer} twice" for (balancer, port), times in ports.items() if times > 1)
    priorities: Counter[tuple[str, int]] = Counter()
    for address, rule in _resources(stack, "aws_lb_listener_rule"):
        if not 1 <= rule["priority"] <= _HIGHEST_PRIORITY:
            yield f"{address}: priority {rule['priority']}"
        priorities[rule["listener_arn"], rule["priority"]] += 1
    yield from (f"priority {one} of {listener} twice" for (listener, one), n in priorities.items() if n > 1)
