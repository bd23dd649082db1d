"""Reading and rewriting a synthesized stack (``cdk.tf.json``)."""

import re
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Block = dict[str, Any]


def resources(document: Document, kind: str) -> dict[str, Block]:
    """Return the resources of one type by id; an empty dictionary where there are none."""
    found: dict[str, Block] = document.get("resource", {}).get(kind, {})
    return found


def take(document: Document, kind: str) -> dict[str, Block]:
    """Remove the resources of one type and return them by id."""
    taken: dict[str, Block] = document.get("resource", {}).pop(kind, {})
    return taken


def add(document: Document, kind: str, identifier: str, block: Block) -> None:
    """Add a resource.

    Raises:
        ValueError: When there is one of that type and id.
    """
    known = document.setdefault("resource", {}).setdefault(kind, {})
    if identifier in known:
        raise ValueError(f"The stack already has {kind}.{identifier}.")
    known[identifier] = block


def rename(block: Block, names: dict[str, str]) -> None:
    """Give arguments of a block the names that the old provider knows them by."""
    for new, old in names.items():
        if new in block:
            block[old] = block.pop(new)


def drop(block: Block, *names: str) -> None:
    """Remove arguments that the old provider does not know and the local system does without."""
    for name in names:
        block.pop(name, None)


def blocks(value: Any) -> list[Block]:
    """Return nested blocks as a list, whether one was written as an object or as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def first(value: Any) -> Block:
    """Return the only nested block, or an empty one."""
    found = blocks(value)
    return found[0] if found else {}


def rewrite(value: Any, change: Callable[[str], str]) -> Any:
    """Return a copy of a JSON value in which every text was changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [rewrite(item, change) for item in value]
    if isinstance(value, dict):
        return {key: rewrite(item, change) for key, item in value.items()}
    return value


def replace_reference(document: Document, pattern: str, replacement: str) -> None:
    """Replace a reference in every expression of the document.

    Args:
        document: Changed in place.
        pattern: Regular expression of the reference.
        replacement: What comes in its place, as ``re.sub`` takes it.
    """
    compiled = re.compile(pattern)
    changed = rewrite(document, lambda text: compiled.sub(replacement, text))
    document.clear()
    document.update(changed)


def move_dependencies(document: Document, old: str, new: str) -> None:
    """Let what depends on a resource that is gone depend on the one that took its place."""
    for kind in document.get("resource", {}).values():
        for block in kind.values():
            depends_on = block.get("depends_on")
            if depends_on and old in depends_on:
                block["depends_on"] = list(dict.fromkeys(new if name == old else name for name in depends_on))


def address_of(expression: str) -> str | None:
    """Return the address of the resource that an expression refers to, or None.

    ``${aws_s3_bucket.logs.id}`` refers to ``aws_s3_bucket.logs``.
    """
    found = re.fullmatch(r"\$\{([a-z0-9_]+\.[A-Za-z0-9_-]+)\.[a-z_]+\}", expression)
    return found.group(1) if found else None
