"""Values to try an option with, all of which the constructs allow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kf_airflow_modules.constraints import accepted, choices_of
from kf_airflow_modules.expressions import distinctive
from kf_airflow_modules.inputs import Input

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_CHOICES = 4

# What an option's name ends with, for those whose values are of a form of their own.
_FORMS: Sequence[tuple[str, tuple[Any, ...]]] = (
    ("cidr_block", ("10.20.0.0/16", "10.64.0.0/18", "172.16.8.0/22")),
    ("database_engine_version", ("17", "16.4", "15")),
    ("engine_version", ("17", "16.4", "15")),
    ("instance_class", ("db.t4g.small", "db.m7g.large", "db.r7g.xlarge")),
    ("node_type", ("cache.t4g.small", "cache.m7g.large", "cache.r7g.xlarge")),
    ("maintenance_window", ("sun:05:00-sun:06:00", "tue:02:00-tue:03:30")),
    ("_window", ("03:00-04:00", "23:30-00:30")),
    ("account_id", ("493711112222", "493733334444")),
    ("region", ("us-kfza-1", "us-kfzb-1")),
    ("base_url", ("https://one.example.org", "https://two.example.org")),
    ("health_check_path", ("/kfzhealth", "/kfzstatus/of")),
    (
        "certificate_arn",
        tuple(f"arn:aws:acm:us-east-1:111122223333:certificate/kfz{which}" for which in "ab"),
    ),
    (
        "web_acl_arn",
        tuple(f"arn:aws:wafv2:us-east-1:111122223333:regional/webacl/kf{one}/1" for one in "ab"),
    ),
)


def sentinel(number: int, which: int) -> str:
    """Returns a text that stands nowhere else, and that most names may be."""
    return f"kfz{_LETTERS[number // 26]}{_LETTERS[number % 26]}{_LETTERS[which]}"


def without_sentinels(text: str) -> str:
    """Returns a sentence about a place without the values that were tried."""
    return re.sub(r"-?kfz[a-z]+(?:_[0-9A-F]{8})?", "", text)


def probes(given: Input, number: int) -> list[Any]:
    """Returns values to try: several, the default among them unless all are texts that stand out.

    Args:
        given: The option.
        number: Which of the part's options it is.
    """
    found = [
        value for value in dict.fromkeys(map(_key, _candidates(given, number))) if given.allows(_value(value))
    ]
    values = [_value(value) for value in found]
    if not given.required and not all(distinctive(value) for value in values):
        values = [given.default, *(value for value in values if value != given.default)]
    if given.required:
        return values
    if given.nullable and None not in values:
        values = [None, *values]
    return values


def _candidates(given: Input, number: int) -> Iterator[Any]:
    yield from given.probes
    if given.probes:
        return
    if given.type == "bool":
        yield from (True, False)
    elif given.type == "number":
        yield from _numbers(given)
    elif given.type == "string":
        yield from _texts(given, number)
    elif given.type == "list(string)":
        yield [sentinel(number, which) for which in (0, 1)]
        yield [sentinel(number, which) for which in (2, 3)]
    elif given.type == "map(string)":
        yield {sentinel(number, 0): sentinel(number, 1)}
        yield {sentinel(number, which): sentinel(number, which + 1) for which in (2, 4)}


def _numbers(given: Input) -> Iterator[int]:
    if given.default is not None:
        # What is far off may be refused for the sake of other options.
        yield from (given.default + 1, given.default + 2, given.default * 2, given.default * 3)
    for begin, end in accepted(given)[:_MOST_CHOICES]:
        last = 8191 if end is None else end
        yield from (begin, max(begin, 1), (max(begin, 1) + last) // 2, last)


def _texts(given: Input, number: int) -> Iterator[str]:
    words = list(choices_of(given))
    if words:
        yield from words[:_MOST_CHOICES]
        return
    for ending, values in _FORMS:
        if given.name.endswith(ending):
            yield from values
            return
    for which in (0, 1, 2):
        text = sentinel(number, which)
        yield f"arn:aws:{text}:us-east-1:111122223333:{text}" if given.name.endswith("arn") else text


def _key(value: Any) -> tuple[str, Any]:
    # Lists and maps are no keys, and to Python 1 is true.
    return type(value).__name__, repr(value) if isinstance(value, list | dict) else value


def _value(key: tuple[str, Any]) -> Any:
    kind, value = key
    return ast.literal_eval(value) if kind in {"list", "dict"} else value
