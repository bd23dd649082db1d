"""Finds the references of a synthesized stack that lead nowhere."""

import re
from collections.abc import Iterator
from typing import Any

from synthesis import Synthesized

_WORDS = {"true", "false", "null"}
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
# A name with what follows it, but not that of a function or of a key of an object.
_TRAVERSAL = re.compile(r"(?<![\w.-])[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])*(?![\w-])(?!\s*[(:])(?!\s*=[^=])")


def dangling_references(stack: Synthesized) -> list[str]:
    """Returns where something is referred to that the stack does not have, and what."""
    known = set(_addresses(stack.document))
    return [
        f"{path}: {reference}"
        for path, reference in _references(stack.document, "stack")
        if _address(reference) not in known
    ]


def expressions(text: str) -> Iterator[str]:
    """Yields what stands in each `${}` and `%{}` of a text that is not escaped; an open one to the end.

    In an expression, a text between quotes may have expressions of its own.
    """
    start = 0
    while match := re.compile(r"\$\$\{|%%\{|[$%]\{").search(text, start):
        start = match.end()
        if len(match[0]) == 2:
            end = _end(text, start)
            yield text[start:end]
            for literal in _LITERAL.findall(text[start:end]):
                yield from expressions(literal)
            start = end


def _end(text: str, start: int) -> int:
    depth, quoted, position = 1, False, start
    while position < len(text):
        character = text[position]
        if quoted and character == "\\":
            position += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"{": 1, "}": -1}.get(character, 0)
            if not depth:
                return position
        position += 1
    return position


def _addresses(document: dict[str, Any]) -> Iterator[str]:
    for kind, prefix in (("resource", ""), ("data", "data."), ("ephemeral", "ephemeral.")):
        for type_, named in document.get(kind, {}).items():
            for name in named:
                yield f"{prefix}{type_}.{name}"


def _references(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "depends_on":
                yield from ((f"{path}.{key}", address) for address in item)
            elif key != "//":
                yield from _references(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _references(item, f"{path}[{index}]")
    elif isinstance(value, str):
        for expression in expressions(value):
            for name in _TRAVERSAL.findall(_LITERAL.sub('""', expression)):
                # In its conditions a resource is `self`.
                own = name.startswith("self.") and ".lifecycle.postcondition[" in path
                if name not in _WORDS and not own:
                    yield path, name


def _address(reference: str) -> str:
    parts = re.split(r"[.\[]", reference)
    return ".".join(parts[: 3 if parts[0] in {"data", "ephemeral"} else 2])
