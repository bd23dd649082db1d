"""How log groups are made."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.tables import Table

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
LOG_RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LogOptions(Table):
    """How log groups are made.

    Args:
        prefix: What their names begin with. `apps/<name>` if left out.
        retention_days: How long CloudWatch keeps them, one of the numbers of days it knows. 30 if left out.

    Raises:
        ValueError: if CloudWatch has no such retention.
    """

    prefix: str | None = None
    retention_days: int = 30

    def __post_init__(self) -> None:
        checked_retention("retention_days", self.retention_days)


def checked_retention(key: str, days: int) -> int:
    """Returns `days` if CloudWatch can keep logs for that long.

    Raises:
        ValueError: if it cannot.
    """
    if days not in LOG_RETENTION_DAYS:
        raise ValueError(f"{key} is {days}: allowed are {', '.join(map(str, LOG_RETENTION_DAYS))}")
    return days
