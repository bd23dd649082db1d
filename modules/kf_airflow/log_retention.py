"""How long CloudWatch can keep logs."""

from __future__ import annotations

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


def checked_retention(key: str, days: int) -> int:
    """Returns `days` if CloudWatch can keep logs for that long.

    Raises:
        ValueError: if it cannot.
    """
    if days not in LOG_RETENTION_DAYS:
        raise ValueError(f"{key} is {days}: allowed are {', '.join(map(str, LOG_RETENTION_DAYS))}")
    return days
