"""A value of a metric, and the counters that values are made of."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Datum:
    """A value of a metric.

    Attributes:
        resource: ARN of what it is about, which says in which account and region it is published.
        namespace: Such as `AWS/RDS`.
        name: Of the metric.
        dimensions: Its dimensions.
        value: The value.
        unit: As CloudWatch names it.
    """

    resource: str
    namespace: str
    name: str
    dimensions: Mapping[str, str]
    value: float
    unit: str = "Count"

    @property
    def place(self) -> tuple[str, str]:
        """Account and region."""
        region, account = self.resource.split(":")[3:5]
        return account, region

    def entry(self, moment: Any) -> dict[str, Any]:
        """As PutMetricData takes it."""
        return {
            "MetricName": self.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions.items()],
            "Timestamp": moment,
            "Value": self.value,
            "Unit": self.unit,
        }


class Counters:
    """Tells by how much numbers have grown that begin anew whenever a server does."""

    def __init__(self) -> None:
        self._before: dict[Hashable, float] = {}

    def increase(self, key: Hashable, value: float) -> float:
        """By how much a counter has grown since it was last told; 0 the first time.

        Args:
            key: Which one.
            value: What it shows. One that has become less began at 0 meanwhile.
        """
        before = self._before.get(key, value)
        self._before[key] = value
        return value - before if value >= before else value
