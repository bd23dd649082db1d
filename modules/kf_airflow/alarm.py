"""An alarm of CloudWatch, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kf_airflow.metric import Metric

PAGE = "docs/observability.md"

MissingData = Literal["breaching", "notBreaching", "ignore", "missing"]
Statistic = Literal["Maximum", "Minimum", "Sum"]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm of CloudWatch.

    Args:
        id: What it is called beside the deployment.
        page: Its heading on the page that says more.
        metric: What it watches.
        statistic: How the values of a minute become one.
        threshold: From which value on it is too much, or too little where `below`.
        below: Whether too little is what is wrong. False if left out.
        bad_minutes: In how many minutes it has to be so.
        minutes: Of how many minutes.
        missing: What a minute without a value counts as.
        meaning: What is wrong.
        remedy: What to do about it.
    """

    id: str
    page: str
    metric: Metric
    statistic: Statistic
    threshold: float
    below: bool = False
    bad_minutes: int
    minutes: int
    missing: MissingData
    meaning: str
    remedy: str

    @property
    def comparison(self) -> str:
        """How CloudWatch names the comparison."""
        return "LessThanOrEqualToThreshold" if self.below else "GreaterThanOrEqualToThreshold"

    @property
    def description(self) -> str:
        """What who is told reads."""
        return f"{self.meaning} {self.remedy} More: {PAGE}#{self.page}"
