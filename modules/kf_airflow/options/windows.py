"""Checks of the times of day and week in which AWS may work on a store. All are in UTC."""

from __future__ import annotations

import re
from itertools import product

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MINUTES_A_DAY = 24 * 60
_MINUTES_A_WEEK = 7 * _MINUTES_A_DAY
_TIME = r"([01]\d|2[0-3]):([0-5]\d)"
_DAILY = re.compile(rf"{_TIME}-{_TIME}")
_WEEKLY = re.compile(rf"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}")

Span = tuple[int, int]


def daily_window(key: str, value: str, *, shortest_minutes: int) -> Span:
    """Returns the first minute of the day of a window such as `03:00-04:00`, and how many minutes it lasts.

    Raises:
        ValueError: if it is no such window, or too short.
    """
    match = _DAILY.fullmatch(value)
    span = _span(match.groups(), _MINUTES_A_DAY) if match else None
    return _long_enough(key, value, span, shortest_minutes, "a daily window in UTC such as 03:00-04:00")


def weekly_window(key: str, value: str, *, shortest_minutes: int) -> Span:
    """Returns the first minute of the week of a window such as `sun:05:00-sun:06:00`, and its minutes.

    Raises:
        ValueError: if it is no such window, or too short.
    """
    match = _WEEKLY.fullmatch(value)
    span = None
    if match:
        first_day, *first, last_day, last_hour, last_minute = match.groups()
        hours = (
            str(24 * DAYS.index(first_day) + int(first[0])),
            first[1],
            str(24 * DAYS.index(last_day) + int(last_hour)),
            last_minute,
        )
        span = _span(hours, _MINUTES_A_WEEK)
    return _long_enough(
        key, value, span, shortest_minutes, "a weekly window in UTC such as sun:05:00-sun:06:00"
    )


def overlap(daily: Span, weekly: Span) -> bool:
    """Whether a daily and a weekly window have a minute in common."""
    start, length = weekly
    # One day and one week more on either side: a window may go beyond midnight, and beyond Sunday.
    days = ((day * _MINUTES_A_DAY + daily[0], daily[1]) for day in range(-1, 8))
    weeks = ((start + week * _MINUTES_A_WEEK, length) for week in (-1, 0, 1))
    return any(a < c + d and c < a + b for (a, b), (c, d) in product(list(days), list(weeks)))


def _span(groups: tuple[str, ...], period: int) -> Span:
    first_hour, first_minute, last_hour, last_minute = map(int, groups)
    start, end = 60 * first_hour + first_minute, 60 * last_hour + last_minute
    return start, (end - start) % period


def _long_enough(key: str, value: str, span: Span | None, shortest_minutes: int, allowed: str) -> Span:
    if span is None or span[1] < shortest_minutes:
        raise ValueError(f"{key} is {value!r}: allowed is {allowed}, of {shortest_minutes} minutes or more")
    return span
