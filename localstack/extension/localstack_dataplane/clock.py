"""The time, in UTC and aware of it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time."""
    return datetime.now(UTC)
