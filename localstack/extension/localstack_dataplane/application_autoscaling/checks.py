"""Whether requests make sense.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepAdjustment.html
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from localstack_dataplane.application_autoscaling.errors import invalid
from localstack_dataplane.application_autoscaling.model import ECS_DIMENSION, Key
from localstack_dataplane.application_autoscaling.tracking import PREDEFINED

_NAMESPACES = {
    *("ecs", "elasticmapreduce", "ec2", "appstream", "dynamodb", "rds", "sagemaker", "custom-resource"),
    *("comprehend", "lambda", "cassandra", "kafka", "elasticache", "neptune", "workspaces"),
}
_ADJUSTMENTS = ("ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity")
_AGGREGATIONS = ("Average", "Minimum", "Maximum")
_POLICIES = ("StepScaling", "TargetTrackingScaling", "PredictiveScaling")
_SERVICE_PARTS = 3


def key_of(request: Mapping[str, Any]) -> Key:
    """The key of the scalable target that a request names.

    Raises:
        ApiError: Namespace, resource and dimension do not belong together.
    """
    namespace, resource = request.get("ServiceNamespace", ""), request.get("ResourceId", "")
    dimension = request.get("ScalableDimension", "")
    unsupported = "Unsupported service namespace, resource type or scalable dimension"
    member(namespace, _NAMESPACES, "serviceNamespace")
    if dimension.split(":")[0] != namespace:
        raise invalid(unsupported)
    if namespace == "ecs":
        parts = resource.split("/")
        if dimension != ECS_DIMENSION or parts[0] != "service":
            raise invalid(unsupported)
        if len(parts) != _SERVICE_PARTS or not all(parts):
            raise invalid(f"Invalid resource ID: {resource}")
    return namespace, resource, dimension


def member(value: str, allowed: "set[str] | tuple[str, ...]", name: str) -> None:
    """Make sure that a value is one of those allowed.

    Raises:
        ApiError: It is not.
    """
    if value not in allowed:
        raise invalid(
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(sorted(allowed))}]"
        )


def capacity_range(minimum: int | None, maximum: int | None) -> None:
    """Make sure that two ends are a range; one that is left out is not looked at.

    Raises:
        ApiError: They are not.
    """
    for name, value in (("Minimum", minimum), ("Maximum", maximum)):
        if value is not None and value < 0:
            raise invalid(f"{name} capacity must be greater than or equal to 0")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise invalid("Maximum capacity cannot be less than minimum capacity")


def policy(kind: str, configuration: Mapping[str, Any], namespace: str) -> None:
    """Check the configuration of a policy.

    Raises:
        ApiError: It is incomplete, or contradicts itself.
    """
    member(kind, _POLICIES, "policyType")
    if not configuration:
        raise invalid(f"{kind}PolicyConfiguration is required for policy type {kind}")
    if kind == "StepScaling":
        _step_scaling(configuration)
    elif kind == "TargetTrackingScaling":
        _target_tracking(configuration, namespace)


def _cooldown(value: int | None) -> None:
    if value is not None and value < 0:
        raise invalid("Cooldown must be greater than or equal to 0")


def _target_tracking(configuration: Mapping[str, Any], namespace: str) -> None:
    predefined = configuration.get("PredefinedMetricSpecification")
    customized = configuration.get("CustomizedMetricSpecification")
    if bool(predefined) == bool(customized):
        raise invalid("Exactly one of predefined and customized metric specification must be provided")
    if not 0 < configuration["TargetValue"] < math.inf:
        raise invalid("Target value must be greater than 0")
    _cooldown(configuration.get("ScaleOutCooldown"))
    _cooldown(configuration.get("ScaleInCooldown"))
    if customized and not customized.get("Metrics"):
        missing = [name for name in ("MetricName", "Namespace", "Statistic") if not customized.get(name)]
        if missing:
            raise invalid(f"Customized metric specification lacks {', '.join(missing)}")
    if predefined and namespace == "ecs":
        kind = predefined.get("PredefinedMetricType", "")
        if kind not in PREDEFINED:
            raise invalid(f"Unsupported predefined metric type {kind} for service namespace ecs")
        needs_label = kind == "ALBRequestCountPerTarget"
        if needs_label and not predefined.get("ResourceLabel"):
            raise invalid(f"You must specify a resource label for predefined metric type {kind}")
        if predefined.get("ResourceLabel") and not needs_label:
            raise invalid(f"You cannot specify a resource label for predefined metric type {kind}")


def _step_scaling(configuration: Mapping[str, Any]) -> None:
    kind = configuration.get("AdjustmentType")
    member(kind or "null", _ADJUSTMENTS, "stepScalingPolicyConfiguration.adjustmentType")
    if configuration.get("MetricAggregationType"):
        member(configuration["MetricAggregationType"], _AGGREGATIONS, "metricAggregationType")
    _cooldown(configuration.get("Cooldown"))
    steps = configuration.get("StepAdjustments") or ()
    if not steps:
        raise invalid("There must be at least one step adjustment")
    if kind == "ExactCapacity" and any(step["ScalingAdjustment"] < 0 for step in steps):
        raise invalid("Step adjustments of type ExactCapacity must not be negative")
    spans = sorted(
        (step.get("MetricIntervalLowerBound", -math.inf), step.get("MetricIntervalUpperBound", math.inf))
        for step in steps
    )
    if any(lower == -math.inf and upper == math.inf for lower, upper in spans):
        raise invalid("The lower and upper bound of a step adjustment cannot both be null")
    if any(lower >= upper for lower, upper in spans):
        raise invalid("The upper bound of a step adjustment must be greater than its lower bound")
    for (_, upper), (lower, _) in pairwise(spans):
        if upper > lower:
            raise invalid("Step adjustment intervals cannot overlap")
        if upper < lower:
            raise invalid("Step adjustment intervals cannot have gaps between them")
    if spans[0][0] < 0 and spans[0][0] != -math.inf:
        raise invalid("A step adjustment with a negative lower bound needs one with a null lower bound")
    if spans[-1][1] > 0 and spans[-1][1] != math.inf:
        raise invalid("A step adjustment with a positive upper bound needs one with a null upper bound")
