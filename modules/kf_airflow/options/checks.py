"""Checks that the options share."""

from __future__ import annotations


def between(key: str, value: int, lowest: int, highest: int) -> None:
    """Refuses a value out of a range, both ends of which are allowed.

    Raises:
        ValueError: if it is out of the range.
    """
    if not lowest <= value <= highest:
        raise ValueError(f"{key} is {value}: allowed are {lowest} to {highest}")
