"""Checks that options, references and containers share. They refuse with a `ValueError`, in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def between(key: str, value: int, lowest: int, highest: int) -> None:
    """Refuses a value out of a range, both ends of which are allowed."""
    if not lowest <= value <= highest:
        raise ValueError(f"{key} is {value}: allowed are {lowest} to {highest}")


def once(key: str, values: Iterable[str | int], *, each: str = "each") -> None:
    """Refuses a list that has something more than once."""
    twice = [repr(value) for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"{key} has {', '.join(twice)} twice: allowed is {each} once")
