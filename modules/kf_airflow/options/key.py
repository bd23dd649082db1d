"""How an encryption key is made."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.checks import between
from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class KeyOptions(Table):
    """How a KMS key is made.

    Args:
        deletion_window_days: How long a deleted key can be had back, and with it what it encrypts, 7 to 30
            days. 30 if left out.

    Raises:
        ValueError: if KMS has no such window.
    """

    deletion_window_days: int = 30

    def __post_init__(self) -> None:
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
        between("deletion_window_days", self.deletion_window_days, 7, 30)
