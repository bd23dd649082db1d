"""A synthesized stack, asked for its resources and for what they refer to."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Resource = Mapping[str, Any]

_REFERENCE = re.compile(r"\$\{(?:data\.)?([a-z][a-z0-9_]*)\.([\w-]+)\.(\w+)")


class SynthesizedStack:
    """Terraform's JSON of a stack.

    Args:
        document: The JSON. Without resources if it is empty.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._resources: Mapping[str, Mapping[str, Resource]] = document.get("resource", {})

    def of(self, kind: str) -> Iterator[tuple[str, Resource]]:
        """Yields the address and the arguments of each resource of a type."""
        for name, arguments in self._resources.get(kind, {}).items():
            yield f"{kind}.{name}", arguments

    def arguments(self, address: str) -> Resource:
        """Returns the arguments of a resource, none if the stack only refers to it."""
        kind, _, name = address.partition(".")
        return self._resources.get(kind, {}).get(name, {})

    def address(self, expression: object) -> str:
        """Returns what an expression refers to: a resource's address, or what it says itself.

        A reference to an argument that is a reference in its turn (a subnet's id by way of its route table
        association) is followed.
        """
        found = _REFERENCE.match(str(expression))
        if found is None:
            return str(expression)
        kind, name, attribute = found.groups()
        further = self.arguments(f"{kind}.{name}").get(attribute)
        if isinstance(further, str) and _REFERENCE.match(further):
            return self.address(further)
        return f"{kind}.{name}"

    def addresses(self, expressions: object) -> tuple[str, ...]:
        """Returns what an expression, or each of several, refers to."""
        several = expressions if isinstance(expressions, list) else [expressions] if expressions else []
        return tuple(self.address(one) for one in several)
