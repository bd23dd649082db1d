"""The alarms that a target tracking policy is driven by.

https://docs.aws.amazon.com/autoscaling/application/userguide/monitoring-cloudwatch.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
"""

import uuid
from collections.abc import Mapping
from typing import Any

LOW_SHARE = 0.9
"""Capacity is only taken away when the metric is this share of the target or less."""

_OUT_PERIODS, _IN_PERIODS = 3, 15
_PERIOD_SECONDS = 60
_UTILIZATION = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
}
_REQUESTS = "ALBRequestCountPerTarget"

PREDEFINED = {*_UTILIZATION, _REQUESTS}
"""Predefined metrics of ECS services."""


def metric(configuration: Mapping[str, Any], resource: str) -> dict[str, Any] | None:
    """The metric of a policy, in members of PutMetricAlarm; None if it is not one that can be followed.

    Args:
        configuration: TargetTrackingScalingPolicyConfiguration.
        resource: Such as service/cluster/name.
    """
    customized = configuration.get("CustomizedMetricSpecification")
    if customized:
        if not customized.get("MetricName"):
            return None
        given = ("Namespace", "MetricName", "Dimensions", "Statistic", "Unit")
        return {member: customized[member] for member in given if customized.get(member)}
    predefined = configuration.get("PredefinedMetricSpecification") or {}
    kind = predefined.get("PredefinedMetricType", "")
    _, cluster, service = resource.split("/")
    if kind in _UTILIZATION:
        return {
            "Namespace": "AWS/ECS",
            "MetricName": _UTILIZATION[kind],
            "Dimensions": _dimensions(ClusterName=cluster, ServiceName=service),
            "Statistic": "Average",
            "Unit": "Percent",
        }
    if kind == _REQUESTS:
        balancer, found, group = (predefined.get("ResourceLabel") or "").partition("/targetgroup/")
        if found:
            return {
                "Namespace": "AWS/ApplicationELB",
                "MetricName": "RequestCountPerTarget",
                "Dimensions": _dimensions(LoadBalancer=balancer, TargetGroup=f"targetgroup/{group}"),
                "Statistic": "Sum",
            }
    return None


def alarms(configuration: Mapping[str, Any], resource: str, policy_arn: str) -> list[dict[str, Any]]:
    """The alarms of a policy, as PutMetricAlarm takes them: the high one, then the low one.

    Args:
        configuration: TargetTrackingScalingPolicyConfiguration.
        resource: Such as service/cluster/name.
        policy_arn: Their action.
    """
    found = metric(configuration, resource)
    if found is None:
        return []
    target = float(configuration["TargetValue"])
    sides = [("High", "GreaterThanThreshold", target, _OUT_PERIODS)]
    if not configuration.get("DisableScaleIn"):
        sides.append(("Low", "LessThanThreshold", target * LOW_SHARE, _IN_PERIODS))
    return [
        {
            **found,
            "AlarmName": f"TargetTracking-{resource}-Alarm{side}-{uuid.uuid4()}",
            "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy_arn}.",
            "ComparisonOperator": comparison,
            "Threshold": threshold,
            "EvaluationPeriods": periods,
            "Period": _PERIOD_SECONDS,
            "AlarmActions": [policy_arn],
            "ActionsEnabled": True,
        }
        for side, comparison, threshold, periods in sides
    ]


def _dimensions(**values: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in values.items()]
