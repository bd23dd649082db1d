"""The policies of Application Auto Scaling, and the alarms that call them."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import Fn, Token
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyStepScalingPolicyConfiguration,
    AppautoscalingPolicyStepScalingPolicyConfigurationStepAdjustment,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from constructs import Construct

from kf_airflow.load_balancer_names import load_balancer_name, target_group_name
from kf_airflow.metric import Metric
from kf_airflow.options import QueueScaling, UtilizationScaling
from kf_airflow.refs import ServiceRef
from kf_airflow.scaling_steps import Step, steps_in, steps_out

# How often the metric is published; it has to be one of high resolution.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-high-resolution-metric.html
_OUT_PERIOD_SECONDS = 10
_IN_PERIOD_SECONDS = 60


def place_queue_policies(
    scope: Construct,
    *,
    target: AppautoscalingTarget,
    name: str,
    options: QueueScaling,
    metric: Metric,
    max_count: int,
) -> None:
    """Makes the policies that add what is missing and take away what is too much.

    Args:
        scope: Where they are placed.
        target: What they scale.
        name: What their names begin with.
        options: How fast they are.
        metric: How many tasks are missing, negative for too many.
        max_count: How many tasks there may be.
    """
    out = _step_policy(
        scope,
        "out",
        target=target,
        name=f"{name}-out",
        steps=steps_out(max_count),
        cooldown_seconds=options.scale_out_cooldown_seconds,
    )
    _alarm(
        scope,
        "missing",
        policy=out,
        metric=metric,
        name=f"{name}-missing",
        description=f"{name} has fewer tasks than there is work for",
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        period_seconds=_OUT_PERIOD_SECONDS,
        periods=1,
        # With `ignore`, it would go on calling its policy when nobody publishes any more.
        treat_missing_data="missing",
    )
    into = _step_policy(
        scope,
        "in",
        target=target,
        name=f"{name}-in",
        steps=steps_in(max_count),
        cooldown_seconds=options.scale_in_cooldown_seconds,
    )
    _alarm(
        scope,
        "spare",
        policy=into,
        metric=metric,
        name=f"{name}-spare",
        description=f"{name} has had more tasks than there is work for, {options.scale_in_minutes} min long",
        comparison_operator="LessThanOrEqualToThreshold",
        threshold=-1,
        period_seconds=_IN_PERIOD_SECONDS,
        periods=options.scale_in_minutes,
        # With `missing`, what was published last would do for all the minutes after it.
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        treat_missing_data="notBreaching",
    )


def place_tracking(
    scope: Construct,
    *,
    target: AppautoscalingTarget,
    service: ServiceRef,
    options: UtilizationScaling,
    load_balancer_arn: str | None,
) -> None:
    """Makes a policy for each target that is tracked; of two, the one that wants more tasks prevails.

    Args:
        scope: Where they are placed.
        target: What they scale.
        service: The service.
        options: The targets.
        load_balancer_arn: Whose requests count.
    """
    if options.cpu_target is not None:
        _tracking(
            scope, "cpu", target, service, options, "ECSServiceAverageCPUUtilization", options.cpu_target
        )
    if options.requests_per_minute is not None:
        _tracking(
            scope,
            "requests",
            target,
            service,
            options,
            "ALBRequestCountPerTarget",
            options.requests_per_minute,
            resource_label=_label(str(load_balancer_arn), str(service.target_group_arn)),
        )


def _tracking(
    scope: Construct,
    id_: str,
    target: AppautoscalingTarget,
    service: ServiceRef,
    options: UtilizationScaling,
    metric: str,
    value: int,
    *,
    resource_label: str | None = None,
) -> None:
    AppautoscalingPolicy(
        scope,
        id_,
        name=f"{service.name}-{id_}",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
            target_value=value,
            scale_in_cooldown=options.scale_in_cooldown_seconds,
            scale_out_cooldown=options.scale_out_cooldown_seconds,
            predefined_metric_specification=(
                AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
                    predefined_metric_type=metric, resource_label=resource_label
                )
            ),
        ),
    )


def _label(load_balancer_arn: str, target_group_arn: str) -> str:
    """Returns how a metric names a target group behind a load balancer: by the ends of their ARNs."""
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
    return Token.as_string(
        Fn.join("/", [load_balancer_name(load_balancer_arn), target_group_name(target_group_arn)])
    )


def _step_policy(
    scope: Construct,
    id_: str,
    *,
    target: AppautoscalingTarget,
    name: str,
    steps: Sequence[Step],
    cooldown_seconds: int,
) -> AppautoscalingPolicy:
    return AppautoscalingPolicy(
        scope,
        id_,
        name=name,
        policy_type="StepScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        step_scaling_policy_configuration=AppautoscalingPolicyStepScalingPolicyConfiguration(
            adjustment_type="ChangeInCapacity",
            cooldown=cooldown_seconds,
            metric_aggregation_type="Maximum",
            step_adjustment=[
                AppautoscalingPolicyStepScalingPolicyConfigurationStepAdjustment(
                    metric_interval_lower_bound=None if step.lower is None else str(step.lower),
                    metric_interval_upper_bound=None if step.upper is None else str(step.upper),
                    scaling_adjustment=step.adjustment,
                )
                for step in steps
            ],
        ),
    )


def _alarm(
    scope: Construct,
    id_: str,
    *,
    policy: AppautoscalingPolicy,
    metric: Metric,
    name: str,
    description: str,
    comparison_operator: str,
    threshold: int,
    period_seconds: int,
    periods: int,
    treat_missing_data: str,
) -> None:
    CloudwatchMetricAlarm(
        scope,
        id_,
        alarm_name=name,
        alarm_description=description,
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=dict(metric.dimensions),
        # Of what was published in a period: all that are missing, and of those too many the fewest.
        statistic="Maximum",
        comparison_operator=comparison_operator,
        threshold=threshold,
        period=period_seconds,
        evaluation_periods=periods,
        datapoints_to_alarm=periods,
        treat_missing_data=treat_missing_data,
        alarm_actions=[policy.arn],
        tags={"Name": name},
    )
