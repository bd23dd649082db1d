"""How the bucket for access logs is made."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.checks import between
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class AccessLogOptions(Table):
    """How the bucket for access logs is made.

    Args:
        retention_days: After how many days a log is deleted. 365 if left out.
        force_destroy: Whether destroying the stack may delete the bucket with logs in it. False if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    retention_days: int = 365
    force_destroy: bool = False

    def __post_init__(self) -> None:
        between("retention_days", self.retention_days, 1, 36500)
