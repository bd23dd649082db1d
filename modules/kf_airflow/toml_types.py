"""Whether a file writes integers and truth values as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kf_airflow.kinds import below, without_none

_WANTED: Mapping[type, str] = {bool: "true or false", int: "an integer"}


def mistyped(value: Any, kind: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    """Yields what stands where an integer, or true or false, is wanted and is something else.

    pydantic would take `"3"` and `true` for integers, and `1` and `"yes"` for true, which variables of the
    environment need, as they are text. TOML has all three, so that there it is a mistake.

    Args:
        value: What the file has.
        kind: The type that it is read into.
        path: The keys that lead to it. None if left out.

    Yields:
        Where it stands, what it is, and what is wanted.
    """
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from mistyped(one, below(kind, key), (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from mistyped(one, below(kind, str(number)), (*path, str(number)))
    else:
        wanted = without_none(kind)
        # True is an int to Python.
        if wanted in (bool, int) and type(value) is not wanted:
            quotes = ", without quotes" if isinstance(value, str) else ""
            yield path, value, f"{_WANTED[wanted]}{quotes}"
