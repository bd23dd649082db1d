"""Measurements as CloudWatch takes them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from kf_airflow_runtime.worker_demand import Measurement

NAMESPACE = "KFAirflow"

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
MOST_DATA_A_CALL = 1000
MOST_BYTES_A_CALL = 1_000_000
# What a datum takes beside its texts, in the wordiest protocol CloudWatch speaks, with room to spare.
_DATUM_BYTES = 640

_HIGH_RESOLUTION_SECONDS = 1

Datum = dict[str, Any]


def data(found: Iterable[Measurement], at: datetime) -> list[Datum]:
    """The entries of `MetricData`, one for each value.

    Args:
        found: The measurements.
        at: When they were made.
    """
    return [
        {
            "MetricName": metric,
            "Dimensions": [{"Name": name, "Value": about} for name, about in measurement.dimensions.items()],
            "Timestamp": at,
            "Value": value,
            "Unit": "Seconds" if metric.endswith("Seconds") else "Count",
            "StorageResolution": _HIGH_RESOLUTION_SECONDS,
        }
        for measurement in found
        for metric, value in measurement.values.items()
    ]


def calls(entries: Iterable[Datum]) -> Iterator[list[Datum]]:
    """The entries by the calls they take: one, unless CloudWatch does not take so many at once."""
    call: list[Datum] = []
    size = 0
    for datum in entries:
        more = _size(datum)
        if call and (len(call) == MOST_DATA_A_CALL or size + more > MOST_BYTES_A_CALL):
            yield call
            call, size = [], 0
        call.append(datum)
        size += more
    if call:
        yield call


def publish(cloudwatch: Any, entries: Iterable[Datum]) -> None:
    """Hands the entries to CloudWatch.

    Args:
        cloudwatch: A client of it.
        entries: As `data` makes them.
    """
    for call in calls(entries):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=call)


def _size(datum: Datum) -> int:
    texts = (text for dimension in datum["Dimensions"] for text in dimension.values())
    return _DATUM_BYTES + len(datum["MetricName"]) + sum(map(len, texts))
