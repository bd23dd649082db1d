"""Metrics in the lines of logs: what CloudWatch Logs makes of events in the embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

_MARK = '"_aws"'


def metrics_in(message: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yields the namespaces of an event and the data in each, as PutMetricData takes them; mostly nothing.

    What does not have the form is an ordinary line, as for CloudWatch.

    Args:
        message: The event.
    """
    if _MARK not in message:
        return
    try:
        document = json.loads(message)
        moment = datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, UTC)
        found = [
            (directive["Namespace"], list(_data(document, directive, moment)))
            for directive in document["_aws"]["CloudWatchMetrics"]
        ]
    except (ValueError, KeyError, TypeError):
        return
    yield from found


def _data(document: dict[str, Any], directive: dict[str, Any], moment: datetime) -> Iterator[dict[str, Any]]:
    for metric in directive["Metrics"]:
        value = document[metric["Name"]]
        for names in directive["Dimensions"]:
            yield {
                "MetricName": metric["Name"],
                "Dimensions": [{"Name": name, "Value": str(document[name])} for name in names],
                "Timestamp": moment,
                "Values": [float(one) for one in (value if isinstance(value, list) else [value])],
                "Unit": metric.get("Unit", "None"),
                "StorageResolution": metric.get("StorageResolution", 60),
            }
