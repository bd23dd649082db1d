"""Tables of what is in a stack, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kf_airflow_site.drawn_stack import DrawnStack


def ways(stack: DrawnStack) -> str:
    """Lists who may talk to whom, with the reason that the rule has."""
    rows = [(way.source, way.target, str(way.port), way.reason) for way in stack.ways]
    return _table(("From", "To", "Port", "Rule's description"), rows)


def secrets(stack: DrawnStack) -> str:
    """Lists which container gets which keys of which secret."""
    found = [(service, one) for service, every in stack.services.items() for one in every]
    rows = [
        (
            f"`{one.name}` of `{service}`",
            "; ".join(
                f"**{name}**: {', '.join(f'`{key}`' for secret, key in one.secrets if secret == name)}"
                for name in dict.fromkeys(secret for secret, _ in one.secrets)
            ),
        )
        for service, one in found
    ]
    return _table(("Container", "Secrets, and which of their keys"), rows)


def resources(stack: DrawnStack) -> str:
    """Lists what each part makes."""
    rows = [
        (f"`{part}`", ", ".join(f"{count} `{type_}`" for type_, count in stack.made_by(part).items()))
        for part in stack.parts
    ]
    return _table(("Part", "Resources"), rows)


TABLES: Mapping[str, Callable[[DrawnStack], str]] = {
    "ways": ways,
    "secrets": secrets,
    "resources": resources,
}
"""Each table by its name."""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
