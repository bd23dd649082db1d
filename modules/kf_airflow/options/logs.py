"""How log groups are made."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.log_retention import LOG_RETENTION_DAYS, checked_retention
from kf_airflow.tables import Table

__all__ = ["LOG_RETENTION_DAYS", "LogOptions", "checked_retention"]


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
