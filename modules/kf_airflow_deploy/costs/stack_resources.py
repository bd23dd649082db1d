"""A synthesized stack, to be asked what is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_REFERENCE = re.compile(r"\$\{(aws_\w+)\.([^.}]+)\.[^}]+\}")


@dataclass(frozen=True)
class Resource:
    """A resource of the stack.

    Args:
        type: Its Terraform type.
        name: Its Terraform name.
        arguments: Its arguments.
    """

    type: str
    name: str
    arguments: Mapping[str, Any]

    @property
    def path(self) -> tuple[str, ...]:
        """The ids of the constructs it is in, from the one below the stack on, without its own."""
        found = self.arguments.get("//", {}).get("metadata", {}).get("path", self.name)
        return tuple(str(found).split("/")[1:-1])

    def get(self, argument: str, otherwise: Any = None) -> Any:
        """Returns an argument."""
        return self.arguments.get(argument, otherwise)


@dataclass(frozen=True)
class StackResources:
    """The resources of a stack.

    Args:
        document: Terraform's configuration as JSON, as cdktf writes it.
    """

    document: Mapping[str, Any]

    @property
    def types(self) -> tuple[str, ...]:
        """The types there are, in their order."""
        return tuple(sorted(type_ for type_, named in self._resources.items() if named))

    @property
    def region(self) -> str | None:
        """The region the provider is told; None if it is not told one."""
        providers = self.document.get("provider", {}).get("aws", [])
        return next((str(each["region"]) for each in providers if each.get("region")), None)

    def all(self, *types: str) -> tuple[Resource, ...]:
        """Returns all resources of some types."""
        return tuple(
            Resource(type_, name, arguments)
            for type_ in types
            for name, arguments in sorted(self._resources.get(type_, {}).items())
        )

    def referred(self, value: object) -> Resource | None:
        """Returns the resource that a value is taken from; None if it is not one of the stack's."""
        found = _REFERENCE.search(str(value))
        if not found or found[2] not in self._resources.get(found[1], {}):
            return None
        return Resource(found[1], found[2], self._resources[found[1]][found[2]])

    def referring(self, type_: str, argument: str, to: Resource) -> tuple[Resource, ...]:
        """Returns the resources of a type that have another one in an argument."""
        return tuple(each for each in self.all(type_) if self.referred(each.get(argument)) == to)

    @property
    def _resources(self) -> Mapping[str, Mapping[str, Any]]:
        found: Mapping[str, Mapping[str, Any]] = self.document.get("resource", {})
        return found
