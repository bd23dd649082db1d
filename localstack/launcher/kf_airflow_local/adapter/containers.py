"""ECS: capacity providers, and what the old provider's container definitions do not know."""

import json
import re
from typing import Any

from kf_airflow_local.adapter.document import (
    Block,
    Document,
    address_of,
    drop,
    first,
    move_dependencies,
    replace_reference,
    resources,
    take,
)

RESTART_POLICY_LABEL = "localstack-dataplane.restart-policy"
"""Label by which the local ECS learns of a container's restart policy."""

_PERCENTAGES = {"deployment_minimum_healthy_percent": 100, "deployment_maximum_percent": 200}


def adapt_capacity_providers(document: Document) -> None:
    """Move the capacity providers into the clusters they belong to."""
    kind = "aws_ecs_cluster_capacity_providers"
    for identifier, block in take(document, kind).items():
        address = address_of(str(block["cluster_name"])) or ""
        clusters = resources(document, "aws_ecs_cluster")
        if (name := address.removeprefix("aws_ecs_cluster.")) not in clusters:
            raise ValueError(
                f"{kind}.{identifier} has the cluster {block['cluster_name']!r}; only a cluster of the same "
                "stack can be adapted to the old provider."
            )
        for argument in ("capacity_providers", "default_capacity_provider_strategy"):
            if argument in block:
                clusters[name][argument] = block[argument]
        move_dependencies(document, f"{kind}.{identifier}", address)
        replace_reference(
            document, rf"{kind}\.{re.escape(identifier)}\.(?:cluster_name|id)\b", f"{address}.name"
        )


def adapt_clusters(document: Document) -> None:
    """Leave out what clusters could not be told then."""
    for block in resources(document, "aws_ecs_cluster").values():
        drop(block, "configuration", "service_connect_defaults")
        if first(block.get("setting")).get("value") == "enhanced":
            block["setting"] = {"name": "containerInsights", "value": "enabled"}


def adapt_task_definitions(document: Document) -> None:
    """Leave out what task definitions could not say then, and carry restart policies in a label."""
    for block in resources(document, "aws_ecs_task_definition").values():
        drop(
            block,
            "enable_fault_injection",
            "ephemeral_storage",
            "runtime_platform",
            "skip_destroy",
            "track_latest",
        )
        definitions = block["container_definitions"]
        block["container_definitions"] = json.dumps(
            [_container(definition) for definition in json.loads(definitions)]
        )


def adapt_services(document: Document) -> None:
    """Leave out what services could not be told then."""
    for block in resources(document, "aws_ecs_service").values():
        drop(block, "alarms", "availability_zone_rebalancing", "deployment_configuration", "force_delete")
        _adapt_circuit_breaker(block)


def _adapt_circuit_breaker(block: Block) -> None:
    """Leave the circuit breaker out of a service with percentages of its own.

    The provider forgets these where it makes a service with a circuit breaker, and tells of a change then.
    """
    given = {name: block[name] for name in _PERCENTAGES if name in block}
    references = {name: value for name, value in given.items() if "${" in str(value)}
    if any(given[name] != _PERCENTAGES[name] for name in given.keys() - references.keys()):
        drop(block, "deployment_circuit_breaker")
    elif references and "deployment_circuit_breaker" in block:
        usual = " && ".join(
            f"{value.removeprefix('${').removesuffix('}')} == {_PERCENTAGES[name]}"
            for name, value in sorted(references.items())
        )
        breaker = block.pop("deployment_circuit_breaker")
        block["dynamic"] = {
            **block.get("dynamic", {}),
            "deployment_circuit_breaker": {"for_each": f"${{{usual} ? [1] : []}}", "content": breaker},
        }


def _container(definition: dict[str, Any]) -> dict[str, Any]:
    """Put the restart policy where the old provider leaves it alone: it drops keys that it does not know."""
    policy = definition.pop("restartPolicy", None)
    if policy is not None:
        definition.setdefault("dockerLabels", {})[RESTART_POLICY_LABEL] = json.dumps(policy)
    return definition
