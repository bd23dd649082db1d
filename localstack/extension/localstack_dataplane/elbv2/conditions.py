"""Conditions of listener rules in the language of HAProxy."""

import re
from collections.abc import Iterable, Iterator

from localstack_dataplane.elbv2.model import Condition, Field

_PLAIN = re.compile(r"[A-Za-z0-9 _.,:;/@%(){}\[\]<>=?!*+|^~&-]")


def quoted(text: str) -> str:
    """An argument of HAProxy's configuration that is exactly `text`.

    Every character with a meaning of its own in double quotes (quotes, backslash, dollar), and every one that
    is not plain ASCII, is written as its bytes.
    """
    return '"' + "".join(_character(character) for character in text) + '"'


def _character(character: str) -> str:
    if _PLAIN.fullmatch(character):
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode())


def pattern(wildcard: str) -> str:
    """Regular expression of an ALB pattern: `*` is any text, `?` any one character, all else itself."""
    return "".join({"*": ".*", "?": "."}.get(character) or re.escape(character) for character in wildcard)


def acls(condition: Condition) -> Iterator[str]:
    """HAProxy tests that hold together exactly when the condition holds."""
    values = condition.values
    patterns = (*(f"^{pattern(value)}$" for value in values), *condition.expressions)
    if condition.field is Field.HOST:
        yield _any("req.hdr(host),host_only", patterns, ignore_case=True)
    elif condition.field is Field.PATH:
        yield _any("path", patterns)
    elif condition.field is Field.HEADER:
        yield _any(f"req.fhdr({condition.header})", patterns, ignore_case=True)
    elif condition.field is Field.METHOD:
        yield "{ method -m str " + " ".join(quoted(value) for value in values) + " }"
    elif condition.field is Field.SOURCE:
        yield "{ src " + " ".join(quoted(value) for value in values) + " }"
    else:
        expressions = (f"(^|[&])({_parameter(value)})($|[&])" for value in values)
        yield "{ query -m reg -i " + " ".join(quoted(expression) for expression in expressions) + " }"


def _any(sample: str, patterns: Iterable[str], *, ignore_case: bool = False) -> str:
    expressions = " ".join(quoted(expression) for expression in patterns)
    return f"{{ {sample} -m reg {'-i ' if ignore_case else ''}{expressions} }}"


def _parameter(value: str) -> str:
    """One `key=value` of a query; without a key any key has it, or the parameter has no value."""
    key, equals, wanted = value.partition("=")
    inside = (wanted if equals else key).replace("*", "\0")
    expression = pattern(inside).replace(re.escape("\0"), "[^&]*")
    return f"{pattern(key)}={expression}" if equals else f"([^&=]*=)?{expression}"
