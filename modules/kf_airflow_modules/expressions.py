"""What Terraform can make of an option's value, to find it again in a stack."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from kf_airflow.hcl_text import expression
from kf_airflow.image_reference import parse_image

ABSENT = object()
"""What stands where nothing does."""

MARK = "\x00"
_LONG = 5


def distinctive(value: Any) -> bool:
    """Tells whether a text can be told from every other in a stack."""
    return isinstance(value, str) and ("kfz" in value or value.startswith("4937"))


def same(one: Any, other: Any) -> bool:
    """Tells whether two values are the same to Terraform: to Python, true is 1."""
    return type(one) is type(other) and bool(one == other)


def expressions(variable: str, values: list[Any], nodes: list[Any], *, inside: bool) -> Iterator[str]:
    """Yields how Terraform makes of each value what stands there."""
    seen: list[Any] = [None if node is ABSENT else node for node in nodes]
    if not all(distinctive(value) for value in values):
        if all(same(node, value) for node, value in zip(seen, values, strict=True)):
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
    if all(same(by_value[value], node) for value, node in zip(values, nodes, strict=True)):
        yield f"{variable} ? {expression(by_value[True])} : {expression(by_value[False])}"


def _of_nulls(variable: str, values: list[Any], nodes: list[Any]) -> Iterator[str]:
    """Yields one thing where nothing is given, and another, or what is given, where something is."""
    without = [node for value, node in zip(values, nodes, strict=True) if value is None]
    given = [(value, node) for value, node in zip(values, nodes, strict=True) if value is not None]
    if not without or not given or any(_block(node) for node in nodes):
        return
    if all(same(node, given[0][1]) for _, node in given):
        yield f"{variable} == null ? {expression(without[0])} : {expression(given[0][1])}"
    elif all(same(node, value) for value, node in given):
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
    constant = none and len(some) > 1 and all(same(node, some[0]) for node in some)
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
    marked = {node.replace(value, MARK) for value, node in pairs}
    if len(marked) == 1:
        yield expression(marked.pop().replace(MARK, f"${{{variable}}}"))


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
