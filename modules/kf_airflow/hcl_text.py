"""Writes values of Terraform's JSON as expressions of its own language, HCL.

What both mean: https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

INDENT = "  "


def expression(value: object, depth: int = 0) -> str:
    """Returns a value as an expression; strings are templates, as in Terraform's JSON."""
    if isinstance(value, str):
        return template(value)
    if isinstance(value, list | tuple):
        return _enclosed("[", "]", [f"{expression(item, depth + 1)}," for item in value], depth)
    if isinstance(value, dict):
        pairs = [f"{_key(key, template)} = {expression(item, depth + 1)}" for key, item in value.items()]
        return _enclosed("{", "}", pairs, depth)
    return json.dumps(value)


def reference(value: str) -> str:
    """Returns what Terraform's JSON says in a string without meaning one, such as an address."""
    return value.removeprefix("${").removesuffix("}") if value.startswith("${") else value


def literal(value: object, depth: int = 0) -> str:
    """Returns a value in whose strings Terraform looks for no expressions, such as a description."""
    if isinstance(value, str):
        return f'"{_escaped(value.replace("${", "$${").replace("%{", "%%{"))}"'
    if isinstance(value, list | tuple):
        return _enclosed("[", "]", [f"{literal(item, depth + 1)}," for item in value], depth)
    if isinstance(value, dict):
        pairs = [f"{_key(key, literal)} = {literal(item, depth + 1)}" for key, item in value.items()]
        return _enclosed("{", "}", pairs, depth)
    return json.dumps(value)


def template(text: str) -> str:
    """Returns a string with expressions in it; what is nothing but one expression is that."""
    parts = list(_parts(text))
    if len(parts) == 1 and parts[0].startswith("${") and "\n" not in text:
        return parts[0][2:-1].strip()
    return '"' + "".join(part if _sequence(part) else _escaped(part) for part in parts) + '"'


def _parts(text: str) -> Iterator[str]:
    """Yields expressions with what encloses them, and the text between them.

    Raises:
        ValueError: if an expression does not end.
    """
    start = at = 0
    while at < len(text):
        if text.startswith(("$${", "%%{"), at):
            at += 3
        elif text.startswith(("${", "%{"), at):
            if start < at:
                yield text[start:at]
            end = _end(text, at + 2)
            yield text[at:end]
            start = at = end
        else:
            at += 1
    if start < at:
        yield text[start:]


def _end(text: str, at: int) -> int:
    """Returns where the expression ends that begins at a place; its strings may have expressions in them."""
    begun, depth = at, 1
    while at < len(text):
        character = text[at]
        if character == '"':
            at = _end_of_string(text, at + 1)
            continue
        depth += (character == "{") - (character == "}")
        at += 1
        if not depth:
            return at
    raise ValueError(f"an expression of Terraform does not end: {text[begun - 2 :]!r}")


def _end_of_string(text: str, at: int) -> int:
    begun = at
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text.startswith(("$${", "%%{"), at):
            at += 3
        elif text.startswith(("${", "%{"), at):
            at = _end(text, at + 2)
        elif text[at] == '"':
            return at + 1
        else:
            at += 1
    raise ValueError(f"a string in an expression of Terraform does not end: {text[begun - 1 :]!r}")


def _key(key: str, quoted: Callable[[str], str]) -> str:
    # `{ for = ...` would begin a loop.
    return key if re.fullmatch(r"[A-Za-z_]\w*", key) and key != "for" else quoted(key)


def _sequence(part: str) -> bool:
    return part.startswith(("${", "%{"))


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _enclosed(opening: str, closing: str, lines: list[str], depth: int) -> str:
    if not lines:
        return opening + closing
    inner, outer = INDENT * (depth + 1), INDENT * depth
    return "\n".join([opening, *(inner + line for line in lines), outer + closing])
