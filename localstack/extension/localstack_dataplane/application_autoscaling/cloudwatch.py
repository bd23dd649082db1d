"""CloudWatch's alarms and metrics, through its API."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from botocore.exceptions import ClientError

from localstack_dataplane.application_autoscaling.alarms import Alarm, read_alarm
from localstack_dataplane.aws import Aws


class Metrics(Protocol):
    """What is needed of CloudWatch."""

    def alarms(self, account: str, region: str) -> list[Alarm]:
        """Alarms that may be evaluated."""
        ...

    def values(self, alarm: Alarm, account: str, region: str, moment: datetime) -> list[float | None]:
        """Data points of the periods that an alarm looks at, oldest first; None where there is none."""
        ...

    def set_state(self, alarm: Alarm, account: str, region: str, state: str, reason: str) -> None:
        """Bring an alarm into a state."""
        ...


class CloudWatch:
    """CloudWatch, asked through its API.

    Args:
        aws: CloudWatch.
        scaled: Seconds of AWS -> seconds here.
    """

    def __init__(self, aws: Aws, scaled: Callable[[float], float]) -> None:
        self._aws, self._scaled = aws, scaled

    def alarms(self, account: str, region: str) -> list[Alarm]:
        """Alarms that may be evaluated."""
        documents = self._client(account, region).describe_alarms()["MetricAlarms"]
        return [alarm for alarm in map(read_alarm, documents) if alarm is not None]

    def values(self, alarm: Alarm, account: str, region: str, moment: datetime) -> list[float | None]:
        """Data points of the periods that an alarm looks at, oldest first; None where there is none.

        The period that has not ended is left out. LocalStack's time stamps are whole seconds, so a period is
        at least one.
        """
        period = max(round(self._scaled(alarm.period)), 1)
        end = math.floor(moment.timestamp() / period) * period
        begin = end - period * alarm.looked_at
        statistic: dict[str, Any] = {
            "Metric": {
                "Namespace": alarm.namespace,
                "MetricName": alarm.metric,
                # LocalStack looks for the beginning of a value. The tab that it stores behind each makes
                # it the whole one: without it, the metric of `web` would be that of `web-2`, too.
                "Dimensions": [
                    {"Name": name, "Value": f"{value}\t"} for name, value in alarm.dimensions.items()
                ],
            },
            "Period": period,
            "Stat": alarm.statistic,
        }
        if alarm.unit:
            statistic["Unit"] = alarm.unit
        try:
            found = self._client(account, region).get_metric_data(
                MetricDataQueries=[{"Id": "m", "MetricStat": statistic}],
                StartTime=datetime.fromtimestamp(begin, UTC),
                EndTime=datetime.fromtimestamp(end, UTC),
            )["MetricDataResults"][0]
        except ClientError:  # a statistic that LocalStack does not know, such as a percentile
            return [None] * alarm.looked_at
        known = {
            round(stamp.timestamp()): float(value)
            for stamp, value in zip(found["Timestamps"], found["Values"], strict=True)
        }
        return [known.get(begin + period * number) for number in range(alarm.looked_at)]

    def set_state(self, alarm: Alarm, account: str, region: str, state: str, reason: str) -> None:
        """Bring an alarm into a state."""
        data = {
            "version": "1.0",
            "queryDate": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000"),
            "statistic": alarm.statistic,
            "period": alarm.period,
            "threshold": alarm.threshold,
        }
        self._client(account, region).set_alarm_state(
            AlarmName=alarm.name, StateValue=state, StateReason=reason, StateReasonData=json.dumps(data)
        )

    def _client(self, account: str, region: str) -> Any:
        return self._aws.client("cloudwatch", account, region)
