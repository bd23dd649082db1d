"""Containers of an ECS service, a line each."""

import json
from collections.abc import Iterator

from e2e_report.synthesized import Resource, SynthesizedStack


def lines(task: Resource) -> tuple[str, ...]:
    """Returns what a task definition's containers are called, with their ports."""
    found = []
    for container in json.loads(task["container_definitions"]):
        ports = [str(mapping["containerPort"]) for mapping in container.get("portMappings") or []]
        once = "" if container.get("essential", True) else " (not essential)"
        found.append(f"{container['name']}{once}{' :' if ports else ''}{', '.join(ports)}")
    return tuple(found)


def names(stack: SynthesizedStack, service: Resource) -> Iterator[str]:
    """Yields under which private names a service is found."""
    registries = service.get("service_registries") or []
    for registry in registries if isinstance(registries, list) else [registries]:
        entry = stack.arguments(stack.address(registry["registry_arn"]))
        namespace = stack.arguments(stack.address(entry.get("dns_config", {}).get("namespace_id")))
        yield f"{entry.get('name')}.{namespace.get('name')}"
