"""A service that is a scalable target, for the contract suite of Application Auto Scaling."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from contract import MINUTE, Cloud, unique, wait_for

COOLDOWN_SECONDS = 300
"""So long that a look is not too late for a count, even where a minute is a second."""

STEP_OUT = {
    "AdjustmentType": "ChangeInCapacity",
    "Cooldown": COOLDOWN_SECONDS,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 50, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 50, "ScalingAdjustment": 2},
    ],
}
"""One task more, or two if the metric is 50 above the threshold."""


@dataclass
class Scaled:
    """A service that is a scalable target, and a metric of its own."""

    cloud: Cloud
    service: str
    metric: str

    @property
    def target(self) -> dict[str, Any]:
        """What names the scalable target in requests."""
        return {
            "ServiceNamespace": "ecs",
            "ResourceId": f"service/{self.cloud.cluster}/{self.service}",
            "ScalableDimension": "ecs:service:DesiredCount",
        }

    @property
    def scaling(self) -> Any:
        return self.cloud.client("application-autoscaling")

    def register(self, **changes: Any) -> str:
        arn: str = self.scaling.register_scalable_target(**self.target, **changes)["ScalableTargetARN"]
        return arn

    def desired(self) -> int:
        count: int = self.cloud.described(self.service)["desiredCount"]
        return count

    def wait(self, count: int, *, minutes: float, say: float | None = None) -> None:
        """Waits for the desired count, while the metric has a value."""

        def look() -> int:
            if say is not None:
                self.say(say)
            return self.desired()

        wait_for(
            f"the desired count is {count}",
            look,
            lambda seen: seen == count,
            timeout_seconds=minutes * MINUTE + 10,
            interval_seconds=MINUTE / 2,
        )

    def say(self, value: float) -> None:
        self.cloud.client("cloudwatch").put_metric_data(
            Namespace="contract", MetricData=[{"MetricName": self.metric, "Value": value}]
        )

    def activities(self, **filters: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.scaling.describe_scaling_activities(**self.target, **filters)[
            "ScalingActivities"
        ]
        return found

    def policy(self, kind: str, configuration: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = self.scaling.put_scaling_policy(
            **self.target,
            PolicyName=unique("policy"),
            PolicyType=kind,
            **{f"{kind}PolicyConfiguration": configuration},
        )
        return answer

    def track(self, target: float, **changes: Any) -> dict[str, Any]:
        """Makes a target tracking policy on the metric."""
        return self.policy(
            "TargetTrackingScaling",
            {
                "TargetValue": target,
                "CustomizedMetricSpecification": {
                    "MetricName": self.metric,
                    "Namespace": "contract",
                    "Statistic": "Average",
                },
                "ScaleOutCooldown": COOLDOWN_SECONDS,
                "ScaleInCooldown": COOLDOWN_SECONDS,
                **changes,
            },
        )

    def alarm(self, policy_arn: str, threshold: float) -> str:
        """Makes an alarm on the metric that calls a policy."""
        client, name = self.cloud.client("cloudwatch"), unique("contract")
        client.put_metric_alarm(
            AlarmName=name,
            MetricName=self.metric,
            Namespace="contract",
            Statistic="Average",
            Period=60,
            EvaluationPeriods=2,
            Threshold=threshold,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[policy_arn],
        )
        self.cloud.finally_do(client.delete_alarms, AlarmNames=[name])
        return name

    def alarms(self) -> dict[str, dict[str, Any]]:
        """High and Low -> the alarm of target tracking."""
        client = self.cloud.client("cloudwatch")
        prefix = f"TargetTracking-{self.target['ResourceId']}-Alarm"
        found = client.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        return {alarm["AlarmName"].removeprefix(prefix).split("-")[0]: alarm for alarm in found}


@contextmanager
def scalable(
    cloud: Cloud, task_definition: str, count: int = 1, minimum: int = 1, maximum: int = 4, **options: Any
) -> Iterator[Scaled]:
    """Makes a service that is a scalable target."""
    with cloud.service(task_definition, count=count) as service:
        made = Scaled(cloud, service, unique("metric"))
        made.register(MinCapacity=minimum, MaxCapacity=maximum, **options)
        try:
            yield made
        finally:
            made.scaling.deregister_scalable_target(**made.target)
