"""How many tasks an ECS service has: Application Auto Scaling, and the alarms it goes by."""

from __future__ import annotations

from collections.abc import Mapping

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.appautoscaling_scheduled_action import (
    AppautoscalingScheduledAction,
    AppautoscalingScheduledActionScalableTargetAction,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from constructs import Construct

from kf_airflow.metric import Metric, workers_missing
from kf_airflow.options import QueueScaling, Schedule, UtilizationScaling
from kf_airflow.refs import ServiceRef
from kf_airflow.scaling_checks import check_policy, checked_ranges
from kf_airflow.scaling_policies import place_queue_policies, place_tracking


class Scaling(Construct):
    """Lets an ECS service have as many tasks as there is work for, between two numbers.

    By `QueueScaling`, it follows a metric that says how many tasks are missing, and how many there are too
    many: out by step scaling, as many as are missing, from none too; in as soon as there were too many for
    some minutes. While the metric is not published, nothing is changed. By `UtilizationScaling`, it tracks
    CPU, requests, or both; the service then has one task at least.

    The service has to leave its count to it: `max_count` of `ServiceOptions`.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        service: The service.
        policy: What it goes by.
        min_count: The fewest tasks.
        max_count: The most tasks.
        schedules: When that range is another, by name. Never if left out. With schedules, Terraform makes the
            range and leaves it to them.
        missing: The metric of `QueueScaling`, published every ten seconds with high resolution. If left out,
            `WorkersMissing` of `KFAirflow`, which `Airflow` publishes.
        load_balancer_arn: Which load balancer's requests count, for `requests_per_minute`. None if left out.

    Raises:
        ValueError: if the values contradict each other.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        service: ServiceRef,
        policy: QueueScaling | UtilizationScaling,
        min_count: int,
        max_count: int,
        schedules: Mapping[str, Schedule] | None = None,
        missing: Metric | None = None,
        load_balancer_arn: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        schedules = schedules or {}
        ranges = checked_ranges(policy, min_count=min_count, max_count=max_count, schedules=schedules)
        check_policy(policy, service, missing=missing, load_balancer_arn=load_balancer_arn)
        target = AppautoscalingTarget(
            self,
            "target",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{service.cluster_name}/{service.name}",
            min_capacity=min_count,
            max_capacity=max_count,
            # A scheduled action changes the range itself; the next deployment would take it back.
            lifecycle=(
                TerraformResourceLifecycle(ignore_changes=["min_capacity", "max_capacity"])
                if schedules
                else None
            ),
        )
        if isinstance(policy, QueueScaling):
            place_queue_policies(
                self,
                target=target,
                name=service.name,
                options=policy,
                metric=missing or workers_missing(service),
                max_count=max_count,
            )
        else:
            place_tracking(
                self, target=target, service=service, options=policy, load_balancer_arn=load_balancer_arn
            )
        for name, (fewest, most) in ranges.items():
            AppautoscalingScheduledAction(
                self,
                f"schedule-{name}",
                name=name,
                service_namespace=target.service_namespace,
                scalable_dimension=target.scalable_dimension,
                resource_id=target.resource_id,
                schedule=schedules[name].schedule,
                timezone=schedules[name].timezone,
                scalable_target_action=AppautoscalingScheduledActionScalableTargetAction(
                    min_capacity=str(fewest), max_capacity=str(most)
                ),
            )
