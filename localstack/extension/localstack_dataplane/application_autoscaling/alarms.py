"""The state of a CloudWatch alarm, given its data points.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_FEWEST_EXTRA = 2


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """What is needed of an alarm on one metric.

    Attributes:
        arn: Its ARN.
        name: Its name.
        state: OK, ALARM or INSUFFICIENT_DATA.
        namespace: Of the metric.
        metric: Name of the metric.
        dimensions: Of the metric.
        statistic: Such as Average.
        unit: Of the metric; any if empty.
        period: Seconds that a data point is made of.
        periods: Number of data points looked at.
        needed: Number of breaching ones for ALARM.
        comparison: Such as GreaterThanThreshold.
        threshold: What is compared with.
        missing: missing, ignore, breaching or notBreaching.
        actions: State -> ARNs of what it calls.
    """

    arn: str
    name: str
    threshold: float
    state: str = INSUFFICIENT_DATA
    namespace: str = ""
    metric: str = ""
    dimensions: Mapping[str, str] = field(default_factory=dict)
    statistic: str = "Average"
    unit: str = ""
    period: int = 60
    periods: int = 1
    needed: int = 1
    comparison: str = "GreaterThanThreshold"
    missing: str = "missing"
    actions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def above(self) -> bool:
        """Whether it is about values above its threshold."""
        return self.comparison.startswith("Greater")

    @property
    def looked_at(self) -> int:
        """Number of periods whose data are fetched: more than needed, for some may be missing."""
        return self.periods + max(self.periods // 3, _FEWEST_EXTRA)

    def breaches(self, value: float) -> bool:
        """Whether a value is on the wrong side of the threshold."""
        return _COMPARISONS[self.comparison](value, self.threshold)


def read_alarm(document: Mapping[str, Any]) -> Alarm | None:
    """An alarm as DescribeAlarms gives it; None if it is of a kind that is not evaluated here."""
    periods = document.get("EvaluationPeriods") or 1
    needed_members = {"MetricName", "Threshold", "Statistic", "Period"}
    if needed_members - document.keys() or document.get("ComparisonOperator") not in _COMPARISONS:
        return None
    enabled = document.get("ActionsEnabled", True)
    actions = {OK: "OKActions", ALARM: "AlarmActions", INSUFFICIENT_DATA: "InsufficientDataActions"}
    return Alarm(
        arn=document["AlarmArn"],
        name=document["AlarmName"],
        threshold=float(document["Threshold"]),
        state=str(document.get("StateValue") or INSUFFICIENT_DATA),
        namespace=document.get("Namespace") or "",
        metric=document["MetricName"],
        dimensions={item["Name"]: item["Value"] for item in document.get("Dimensions") or ()},
        statistic=document["Statistic"],
        unit=document.get("Unit") or "",
        period=int(document["Period"]),
        periods=int(periods),
        needed=int(document.get("DatapointsToAlarm") or periods),
        comparison=document["ComparisonOperator"],
        missing=document.get("TreatMissingData") or "missing",
        actions={
            state: tuple(document.get(member) or ()) if enabled else () for state, member in actions.items()
        },
    )


def evaluate(alarm: Alarm, values: Sequence[float | None]) -> str:
    """The state that an alarm goes into.

    Args:
        alarm: The alarm.
        values: A data point for each of the `looked_at` periods, oldest first; None where it is missing.
    """
    known = [value for value in values if value is not None]
    if not known:
        return {"breaching": ALARM, "notBreaching": OK, "ignore": alarm.state}.get(
            alarm.missing, INSUFFICIENT_DATA
        )
    newest = [alarm.breaches(value) for value in known[-alarm.periods :]]
    filled = alarm.periods - len(newest)
    if filled and alarm.missing in {"breaching", "notBreaching"}:
        newest += [alarm.missing == "breaching"] * filled
    if newest.count(True) >= alarm.needed:
        return ALARM
    if filled and alarm.missing in {"missing", "ignore"} and all(newest):
        # All there is breaches, but it is less than what is needed.
        age = len(values) - next(place for place, value in enumerate(values) if value is not None)
        return ALARM if age >= alarm.needed and alarm.missing == "missing" else alarm.state
    return OK
