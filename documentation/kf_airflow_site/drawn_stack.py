"""A synthesized stack as it is drawn: its parts, who may talk to whom, and what runs in each service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_GROUP = re.compile(r"aws_security_group\.([^.}]+)")
_REFERENCE = re.compile(r"(aws_[a-z0-9_]+|terraform_data)\.([A-Za-z][\w-]*)")
_SECRET = re.compile(
    r"secret_version\.(?P<name>[^.]+)\.arn\}:(?P<key>\w+)|master_user_secret.*\}:(?P<master>\w+)"
)

WIRING = "wiring"
"""What stands for a part where a resource is of none."""


@dataclass(frozen=True)
class Way:
    """Traffic that is let in.

    Args:
        source: The part it comes from, or a block of addresses.
        target: The part it goes to.
        port: Which port.
        reason: What for.
    """

    source: str
    target: str
    port: int
    reason: str


@dataclass(frozen=True)
class DrawnContainer:
    """A container of a service.

    Args:
        name: Its name.
        ports: Where it listens.
        after: The containers it starts after, each with how far they have to be.
        essential: Whether the task ends with it.
        secrets: What it gets of which secret.
    """

    name: str
    ports: tuple[int, ...]
    after: Mapping[str, str]
    essential: bool
    secrets: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DrawnStack:
    """The stack.

    Args:
        document: Terraform's configuration as JSON, as cdktf writes it.
    """

    document: Mapping[str, Any]

    @property
    def ways(self) -> tuple[Way, ...]:
        """Who may talk to whom, in order."""
        groups = {name: part_of(group) for name, group in self._named("aws_security_group").items()}
        found = set()
        for rule in self._named("aws_vpc_security_group_ingress_rule").values():
            source = _GROUP.search(rule.get("referenced_security_group_id", ""))
            target = _GROUP.search(rule["security_group_id"])
            if target:
                from_ = groups[source[1]] if source else rule.get("cidr_ipv4", "anywhere")
                found.add(Way(from_, groups[target[1]], int(rule["from_port"]), rule["description"]))
        return tuple(sorted(found, key=lambda way: (way.source, way.target, way.port)))

    @property
    def services(self) -> Mapping[str, tuple[DrawnContainer, ...]]:
        """The containers of each service."""
        tasks = self._named("aws_ecs_task_definition").values()
        return {part_of(task): tuple(_containers(task)) for task in sorted(tasks, key=part_of)}

    @property
    def needs(self) -> frozenset[tuple[str, str]]:
        """Which part's resources refer to those of which other part."""
        parts = {
            f"{type_}.{name}": part_of(resource)
            for type_, named in self.document["resource"].items()
            for name, resource in named.items()
        }
        return frozenset(
            (parts[f"{type_}.{name}"], parts[referred])
            for type_, named in self.document["resource"].items()
            for name, resource in named.items()
            for referred in _references(resource)
            if referred in parts and parts[referred] != parts[f"{type_}.{name}"]
        )

    @property
    def nearest_needs(self) -> frozenset[tuple[str, str]]:
        """`needs` without what follows from others: what needs a part needs all that this one needs."""
        reached = set(self.needs)
        for between in self.parts:
            reached |= {
                (one, other)
                for one, middle in reached
                if middle == between
                for middle_, other in reached
                if middle_ == between
            }
        return frozenset(
            (one, other)
            for one, other in self.needs
            if not any(
                {(one, between), (between, other)} <= reached
                # Parts that need each other would each make the other's needs follow.
                and not {(between, one), (other, between)} & reached
                for between in self.parts
                if between not in (one, other)
            )
        )

    def made_by(self, part: str) -> Mapping[str, int]:
        """Returns how many resources of which type a part makes."""
        return {
            type_: count
            for type_, named in sorted(self.document["resource"].items())
            if (count := sum(part_of(resource) == part for resource in named.values()))
        }

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that make something."""
        resources = (each for named in self.document["resource"].values() for each in named.values())
        return tuple(sorted({part_of(resource) for resource in resources}))

    def _named(self, type_: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.document["resource"].get(type_, {})
        return found


def part_of(resource: Mapping[str, Any]) -> str:
    """Returns the part a resource belongs to: the construct below the composition."""
    path = str(resource["//"]["metadata"]["path"]).split("/")
    # What the composition itself places, such as a rule between two parts, is its wiring.
    return path[2] if len(path) > 3 else WIRING


def _containers(task: Mapping[str, Any]) -> Iterator[DrawnContainer]:
    for container in json.loads(task["container_definitions"]):
        yield DrawnContainer(
            name=container["name"],
            ports=tuple(sorted(port["containerPort"] for port in container.get("portMappings") or ())),
            after={each["containerName"]: each["condition"] for each in container.get("dependsOn") or ()},
            essential=container["essential"],
            secrets=tuple(sorted({_secret(each["valueFrom"]) for each in container.get("secrets") or ()})),
        )


def _secret(value: str) -> tuple[str, str]:
    found = _SECRET.search(value)
    if not found:
        raise ValueError(f"the secret {value!r} is none that a container gets by its key")
    if found["master"]:
        return "database master", found["master"]
    name = found["name"].removeprefix("airflow_").partition("-value_")[0]
    return name.removeprefix("credentials_").replace("broker_secret", "broker"), found["key"]


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "${" in value:
            for type_, name in _REFERENCE.findall(value):
                yield f"{type_}.{name}"
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name != "//":
                yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)
