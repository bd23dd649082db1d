"""Finds where the values of options go in a synthesized stack, and puts Terraform's variables there.

The constructs are not asked: a stack is synthesized with several values of an option, and what differs
between the stacks is compared with the values. Where each place holds the value, or what Terraform can make
of it, the option can be a variable. Where anything else differs it is structural: it decides what is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kf_airflow_modules.expressions import ABSENT, MARK, distinctive, expressions, same

_MARKED = re.compile(r'"\\u0000(.*?)\\u0000"')
# Below `resource`, its type and its name: what is there or not is the structure.
_NAMED = 3


_LITERAL = {
    "ignore_changes",
    "create_before_destroy",
    "prevent_destroy",
    "replace_triggered_by",
    "depends_on",
}


class StructuralError(Exception):
    """An option that decides what is there, with the place where it does."""


class UnusedError(StructuralError):
    """An option on which nothing depends."""


@dataclass(frozen=True)
class Probe:
    """A value of an option, and what a stack is with it."""

    value: Any
    stack: Any


@dataclass(frozen=True)
class Edit:
    """An expression for what stands at a place, which may be in the JSON of a text there.

    Args:
        path: The place; `json` in it stands for what a text says.
        expression: Terraform's expression, without `${}`.
    """

    path: tuple[str | int, ...]
    expression: str


JSON = "\x00json"


@dataclass(frozen=True)
class _Opened:
    """What a text of JSON says, while there are edits in it."""

    value: Any


def edits(name: str, probes: Sequence[Probe]) -> list[Edit]:
    """Returns what to put where for an option to be a variable.

    Text that stands out (`distinctive`) has no edits: it is replaced wherever it is found.

    Raises:
        StructuralError: if it cannot be one.
    """
    return list(_fit(name, [probe.value for probe in probes], [probe.stack for probe in probes], ()))


def _fit(name: str, values: list[Any], nodes: list[Any], path: tuple[str | int, ...]) -> Iterator[Edit]:
    if all(same(node, nodes[0]) for node in nodes):
        return
    inside = JSON in path
    if _LITERAL & set(path):
        raise StructuralError(f"Terraform takes no variable at {_shown(path)}")
    if _inside_of_something(path) and not (inside and ABSENT in nodes):
        found = next(expressions(f"var.{name}", values, nodes, inside=inside), None)
        if found is not None:
            yield Edit(path, found)
            return
    if all(isinstance(node, dict) for node in nodes):
        for key in dict.fromkeys(key for node in nodes for key in node):
            yield from _fit(name, values, [node.get(key, ABSENT) for node in nodes], (*path, key))
    elif all(isinstance(node, list) and len(node) == len(nodes[0]) for node in nodes):
        for index in range(len(nodes[0])):
            yield from _fit(name, values, [node[index] for node in nodes], (*path, index))
    elif all(isinstance(node, str) for node in nodes):
        parsed = [_parsed(node) for node in nodes]
        if all(isinstance(node, dict | list) for node in parsed):
            yield from _fit(name, values, parsed, (*path, JSON))
        elif not _replaced(values, nodes):
            raise StructuralError(f"{_shown(path)} is made of it")
    else:
        raise StructuralError(f"{_shown(path)} is there or not, or of another kind")


def _inside_of_something(path: tuple[str | int, ...]) -> bool:
    return len(path) > _NAMED or (len(path) == _NAMED and path[0] == "output")


def _replaced(values: list[Any], nodes: list[str]) -> bool:
    if not all(distinctive(value) for value in values):
        return False
    marked = {node.replace(value, MARK) for value, node in zip(values, nodes, strict=True)}
    return len(marked) == 1 and MARK in marked.pop()


def applied(stack: Any, found: Sequence[Edit]) -> Any:
    """Returns a stack with the expressions in their places."""
    for edit in found:
        stack = _put(stack, edit.path, edit.expression)
    return _encoded(stack)


def conflict(found: Sequence[Edit], other: Sequence[Edit]) -> bool:
    """Tells whether two options are edited in one place."""
    paths = [edit.path for edit in found]
    return any(
        edit.path[: len(path)] == path or path[: len(edit.path)] == edit.path
        for edit in other
        for path in paths
    )


def _put(node: Any, path: tuple[str | int, ...], code: str, *, inside: bool = False) -> Any:
    if not path:
        return f"{MARK}{code}{MARK}" if inside else f"${{{code}}}"
    key, rest = path[0], path[1:]
    if key == JSON:
        opened = node.value if isinstance(node, _Opened) else _parsed(node)
        return _Opened(_put(opened, rest, code, inside=True))
    if isinstance(node, list):
        return [
            _put(item, rest, code, inside=inside) if place == key else item for place, item in enumerate(node)
        ]
    return {**node, key: _put(node.get(key), rest, code, inside=inside)}


def _encoded(node: Any) -> Any:
    """Returns a stack whose opened texts are texts again; Terraform encodes what it knows alone."""
    if isinstance(node, _Opened):
        text = json.dumps(node.value)
        return _MARKED.sub(lambda found: f"${{jsonencode({json.loads(chr(34) + found[1] + chr(34))})}}", text)
    if isinstance(node, list):
        return [_encoded(item) for item in node]
    return {key: _encoded(item) for key, item in node.items()} if isinstance(node, dict) else node


def replaced(node: Any, texts: Callable[[str], str]) -> Any:
    """Returns a stack with each text in it replaced."""
    if isinstance(node, str):
        return texts(node)
    if isinstance(node, list):
        return [replaced(item, texts) for item in node]
    if isinstance(node, dict):
        return {key: replaced(item, texts) for key, item in node.items()}
    return node


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _shown(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path if part != JSON)
