"""Finds where the values of options go in a synthesized stack, and puts Terraform's variables there.

The constructs are not asked: a stack is synthesized with several values of an option, and what differs
between the stacks is compared with the values. Where each place holds the value, or what Terraform can make
of it, the option can be a variable. Where anything else differs it is structural: it decides what is there.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kf_airflow.hcl_text import expression
from kf_airflow.image_reference import parse_image

ABSENT = object()
"""What stands where nothing does."""

_MARK = "\x00"
_MARKED = re.compile(r'"\\u0000(.*?)\\u0000"')
_LONG = 5
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


def distinctive(value: Any) -> bool:
    """Tells whether a text can be told from every other in a stack."""
    return isinstance(value, str) and ("kfz" in value or value.startswith("4937"))


def _fit(name: str, values: list[Any], nodes: list[Any], path: tuple[str | int, ...]) -> Iterator[Edit]:
    if all(_same(node, nodes[0]) for node in nodes):
        return
    inside = JSON in path
    if _LITERAL & set(path):
        raise StructuralError(f"Terraform takes no variable at {_shown(path)}")
    if _inside_of_something(path) and not (inside and ABSENT in nodes):
        found = next(_expressions(f"var.{name}", values, nodes, inside=inside), None)
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


def _expressions(variable: str, values: list[Any], nodes: list[Any], *, inside: bool) -> Iterator[str]:
    """Yields how Terraform makes of each value what stands there."""
    seen: list[Any] = [None if node is ABSENT else node for node in nodes]
    if not all(distinctive(value) for value in values):
        if all(_same(node, value) for node, value in zip(seen, values, strict=True)):
            yield variable
        if all(node == str(value) for node, value in zip(seen, values, strict=True)):
            yield variable if not inside else f"tostring({variable})"
        yield from _of_choices(variable, values, seen)
        yield from _of_nulls(variable, values, seen)
        yield from _of_numbers(variable, values, seen)
    yield from _of_blocks(variable, values, seen)
    yield from _of_texts(variable, values, seen)
    yield from _of_versions(variable, values, seen)
    yield from _of_images(variable, values, seen)
    if inside:
        yield from _of_pairs(variable, values, seen)


def _of_choices(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    if not all(isinstance(value, bool) for value in values) or any(_block(node) for node in nodes):
        return
    by_value = dict(zip(values, nodes, strict=True))
    if all(_same(by_value[value], node) for value, node in zip(values, nodes, strict=True)):
        yield f"{variable} ? {expression(by_value[True])} : {expression(by_value[False])}"


def _of_nulls(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    """Yields one thing where nothing is given, and another, or what is given, where something is."""
    without = [node for value, node in zip(values, nodes, strict=True) if value is None]
    given = [(value, node) for value, node in zip(values, nodes, strict=True) if value is not None]
    if not without or not given or any(_block(node) for node in nodes):
        return
    if all(_same(node, given[0][1]) for _, node in given):
        yield f"{variable} == null ? {expression(without[0])} : {expression(given[0][1])}"
    elif all(_same(node, value) for value, node in given):
        yield f"{variable} == null ? {expression(without[0])} : {variable}"


def _block(node: Any) -> bool:
    return isinstance(node, dict) or (isinstance(node, list) and any(isinstance(item, dict) for item in node))


def _of_images(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    """Yields what ECS pulls, and the tag, of a reference that has one."""
    try:
        images = [parse_image("image", value) for value in values]
    except (ValueError, TypeError):
        return
    if not all(image.tag for image in images):
        return
    if nodes == [image.pulled for image in images]:
        yield f'strcontains({variable}, "@") ? replace({variable}, "/:[^:@\\\\/]+@/", "@") : {variable}'
    if nodes == [image.tag for image in images]:
        yield f'regex(":([^:@/]+)(?:@|$)", {variable})[0]'


def _of_numbers(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    if not all(_number(value) for value in values):
        return
    if all(_number(node) for node in nodes):
        for value, node in zip(values, nodes, strict=True):
            if value and node % value == 0:
                factor = node // value
                if all(node == value * factor for value, node in zip(values, nodes, strict=True)):
                    yield f"{variable} * {factor}"
                break
        more = nodes[0] - values[0]
        if all(node == value + more for value, node in zip(values, nodes, strict=True)):
            yield f"{variable} + {more}"
    none = [node for value, node in zip(values, nodes, strict=True) if value == 0]
    some = [node for value, node in zip(values, nodes, strict=True) if value != 0]
    constant = none and len(some) > 1 and all(_same(node, some[0]) for node in some)
    if constant and not any(_block(node) for node in nodes):
        yield f"{variable} > 0 ? {expression(some[0])} : {expression(none[0])}"


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _of_blocks(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    """Yields the part of a block of addresses."""
    found = {_part_of(value, node) for value, node in zip(values, nodes, strict=True)}
    if len(found) == 1 and (part := found.pop()) is not None:
        bits, number = part
        yield f"cidrsubnet({variable}, {bits}, {number})" if bits else variable


def _of_texts(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    """Yields a text with the value in it, where the value is long enough to be no accident."""
    pairs = list(zip(values, nodes, strict=True))
    if distinctive(values[0]) or not all(isinstance(one, str) for pair in pairs for one in pair):
        return
    if any(len(value) < _LONG or value not in node for value, node in pairs):
        return
    marked = {node.replace(value, _MARK) for value, node in pairs}
    if len(marked) == 1:
        yield expression(marked.pop().replace(_MARK, f"${{{variable}}}"))


def _part_of(value: Any, node: Any) -> tuple[int, int] | None:
    if not isinstance(value, str) or not isinstance(node, str):
        return None
    try:
        block, part = ipaddress.IPv4Network(value), ipaddress.IPv4Network(node)
    except ValueError:
        return None
    if "/" not in node or not part.subnet_of(block):
        return None
    distance = int(part.network_address) - int(block.network_address)
    return part.prefixlen - block.prefixlen, distance // part.num_addresses


def _of_versions(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    """Yields the major version in a text."""
    if not all(isinstance(one, str) for one in [*values, *nodes]):
        return
    for node, value in zip(nodes, values, strict=True):
        major = value.split(".")[0]
        if not major.isdigit() or not node.endswith(major):
            return
    before = {node.removesuffix(value.split(".")[0]) for node, value in zip(nodes, values, strict=True)}
    if len(before) == 1:
        yield f'"{before.pop()}${{split(".", {variable})[0]}}"'


def _of_pairs(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    """Yields a map as the list of names and values that ECS and RDS have for it."""
    if not all(
        isinstance(value, dict) and isinstance(node, list) for value, node in zip(values, nodes, strict=True)
    ):
        return
    pairs = [[{"name": name, "value": value[name]} for name in sorted(value)] for value in values]
    if nodes == pairs:
        yield f"[for name, value in {variable} : {{ name = name, value = value }}]"


def _replaced(values: list[Any], nodes: list[str]) -> bool:
    if not all(distinctive(value) for value in values):
        return False
    marked = {node.replace(value, _MARK) for value, node in zip(values, nodes, strict=True)}
    return len(marked) == 1 and _MARK in marked.pop()


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
        return f"{_MARK}{code}{_MARK}" if inside else f"${{{code}}}"
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


def _same(one: Any, other: Any) -> bool:
    # To Python, true is 1.
    return type(one) is type(other) and bool(one == other)


def _shown(path: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in path if part != JSON)
