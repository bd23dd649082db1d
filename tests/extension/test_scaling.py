"""Application Auto Scaling of ECS services.

https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from contract import MINUTE, Cloud, unique
from waiting import wait_for

STEP_OUT = {
    "AdjustmentType": "ChangeInCapacity",
    "Cooldown": 60,
    "StepAdjustments": [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 50, "ScalingAdjustment": 1},
        {"MetricIntervalLowerBound": 50, "ScalingAdjustment": 2},
    ],
}


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
                "ScaleOutCooldown": 60,
                "ScaleInCooldown": 60,
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


Make = Callable[..., Any]


@pytest.fixture(scope="module")
def definition(cloud: Cloud) -> str:
    """A task that does nothing, and stops at once."""
    return cloud.task_definition(cloud.container("main", "serve", stopTimeout=2))


@pytest.fixture
def scaled(cloud: Cloud, definition: str) -> Make:
    """Makes a service that is a scalable target."""

    @contextmanager
    def make(
        count: int = 1, minimum: int = 1, maximum: int = 4, task: str = definition, **options: Any
    ) -> Iterator[Scaled]:
        with cloud.service(task, count=count) as service:
            made = Scaled(cloud, service, unique("metric"))
            made.register(MinCapacity=minimum, MaxCapacity=maximum, **options)
            try:
                yield made
            finally:
                made.scaling.deregister_scalable_target(**made.target)

    return make


# Scalable targets. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html


def test_a_service_outside_the_range_is_moved_into_it_at_once(scaled: Make) -> None:
    with scaled(count=0, minimum=2) as service:
        service.wait(2, minutes=0)


def test_an_update_moves_the_service_too_and_leaves_what_it_does_not_name(scaled: Make) -> None:
    with scaled(count=2) as service:
        service.register(MaxCapacity=1)
        service.wait(1, minutes=0)
        (target,) = service.scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[service.target["ResourceId"]]
        )["ScalableTargets"]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 1)


def test_an_activity_tells_what_was_done_and_why(scaled: Make) -> None:
    # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
    with scaled(count=0) as service:
        activity = wait_for(
            "the activity is successful",
            service.activities,
            lambda found: found and found[0]["StatusCode"] == "Successful",
            timeout_seconds=60,
        )[0]
        assert (activity["Description"], activity["StatusMessage"]) == (
            "Setting desired count to 1.",
            "Successfully set desired count to 1. Change successfully fulfilled by ecs.",
        )


# Step scaling. https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html


def test_an_alarm_calls_a_step_policy_by_the_size_of_the_breach(scaled: Make) -> None:
    with scaled() as service:
        alarm = service.alarm(service.policy("StepScaling", STEP_OUT)["PolicyARN"], 50)
        service.wait(3, minutes=5, say=100)

        causes = [activity["Cause"] for activity in service.activities()]
        assert any(cause.startswith(f"monitor alarm {alarm} in state ALARM") for cause in causes)


def test_a_step_policy_goes_on_after_its_cooldown_to_the_maximum(scaled: Make) -> None:
    with scaled(maximum=2) as service:
        service.alarm(service.policy("StepScaling", STEP_OUT)["PolicyARN"], 50)
        service.wait(2, minutes=5, say=60)

        def reasons() -> set[str]:
            service.say(60)
            return {
                reason["Code"]
                for activity in service.activities(IncludeNotScaledActivities=True)
                for reason in activity.get("NotScaledReasons", ())
            }

        # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_NotScaledReason.html
        wait_for(
            "at its maximum",
            reasons,
            lambda codes: "AlreadyAtMaxCapacity" in codes,
            timeout_seconds=5 * MINUTE + 10,
            interval_seconds=MINUTE / 2,
        )
        assert service.desired() == 2


def test_an_alarm_set_by_hand_calls_its_policy(scaled: Make) -> None:
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
    with scaled() as service:
        alarm = service.alarm(service.policy("StepScaling", STEP_OUT)["PolicyARN"], 50)
        wait_for("CloudWatch knows it", lambda: service.say(60), lambda _: True, timeout_seconds=5)
        service.cloud.client("cloudwatch").set_alarm_state(
            AlarmName=alarm, StateValue="ALARM", StateReason="a test"
        )
        service.wait(2, minutes=2)


def test_while_scaling_out_is_suspended_nothing_is_added(scaled: Make) -> None:
    # https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
    with scaled(SuspendedState={"DynamicScalingOutSuspended": True}) as service:
        alarm = service.alarm(service.policy("StepScaling", STEP_OUT)["PolicyARN"], 50)
        client = service.cloud.client("cloudwatch")

        def state() -> str:
            service.say(100)
            found: str = client.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"]
            return found

        wait_for(
            "the alarm goes off",
            state,
            lambda found: found == "ALARM",
            timeout_seconds=5 * MINUTE + 10,
            interval_seconds=MINUTE / 2,
        )
        assert service.desired() == 1

        service.register(SuspendedState={"DynamicScalingOutSuspended": False})
        service.wait(3, minutes=3, say=100)


# Target tracking.
# https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html


def test_target_tracking_scales_out_in_proportion_and_in_when_the_load_is_gone(scaled: Make) -> None:
    with scaled() as service:
        service.track(10)
        service.wait(3, minutes=6, say=25)
        service.wait(1, minutes=25, say=1)


def test_with_scale_in_disabled_target_tracking_only_adds(scaled: Make) -> None:
    # https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
    with scaled(count=2) as service:
        service.track(10, DisableScaleIn=True)
        service.wait(4, minutes=6, say=20)


def test_the_alarms_of_target_tracking_are_in_cloudwatch_until_the_policy_is_deleted(scaled: Make) -> None:
    # https://docs.aws.amazon.com/autoscaling/application/userguide/monitoring-cloudwatch.html
    with scaled() as service:
        answer = service.track(10)
        found = service.alarms()
        assert sorted(found) == ["High", "Low"]
        assert {alarm["AlarmName"] for alarm in answer["Alarms"]} == {
            alarm["AlarmName"] for alarm in found.values()
        }
        assert found["High"]["Threshold"] == 10
        assert found["Low"]["Threshold"] < 10

        (policy,) = service.scaling.describe_scaling_policies(**service.target)["ScalingPolicies"]
        service.scaling.delete_scaling_policy(**service.target, PolicyName=policy["PolicyName"])
        assert service.alarms() == {}


def test_a_service_scales_by_the_cpu_that_its_tasks_use(cloud: Cloud, scaled: Make) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html
    busy = cloud.task_definition(cloud.container("main", "run", "while True: pass", stopTimeout=2))
    with scaled(task=busy, maximum=2) as service:
        service.policy(
            "TargetTrackingScaling",
            {
                "TargetValue": 20.0,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
            },
        )
        service.wait(2, minutes=20)


def test_the_utilization_of_a_service_is_in_cloudwatch(scaled: Make) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
    with scaled() as service:
        client, begin = service.cloud.client("cloudwatch"), datetime.now(UTC) - timedelta(minutes=1)

        def points(metric: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = client.get_metric_statistics(
                Namespace="AWS/ECS",
                MetricName=metric,
                Dimensions=[
                    {"Name": "ClusterName", "Value": service.cloud.cluster},
                    {"Name": "ServiceName", "Value": service.service},
                ],
                StartTime=begin,
                EndTime=datetime.now(UTC) + timedelta(minutes=1),
                Period=60,
                Statistics=["Average"],
            )["Datapoints"]
            return found

        found = [
            point
            for metric in ("MemoryUtilization", "CPUUtilization")
            for point in wait_for(
                "there are data", partial(points, metric), bool, timeout_seconds=5 * MINUTE + 30
            )
        ]
        assert all(0 <= point["Average"] <= 100 and point["Unit"] == "Percent" for point in found)


# Schedules. https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-additional-cli-commands.html


def test_a_scheduled_action_changes_the_range_and_the_service(scaled: Make) -> None:
    with scaled() as service:
        at = datetime.now(UTC) + timedelta(minutes=2)
        service.scaling.put_scheduled_action(
            **service.target,
            ScheduledActionName="more",
            Schedule=f"at({at:%Y-%m-%dT%H:%M:%S})",
            ScalableTargetAction={"MinCapacity": 3, "MaxCapacity": 3},
        )
        service.wait(3, minutes=5)
        (target,) = service.scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[service.target["ResourceId"]]
        )["ScalableTargets"]
        assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 3)


@pytest.mark.parametrize("schedule", ["rate(1 minute)", "cron(* * * * ? *)"])
def test_a_recurring_action_runs(scaled: Make, schedule: str) -> None:
    with scaled() as service:
        service.scaling.put_scheduled_action(
            **service.target,
            ScheduledActionName="more",
            Schedule=schedule,
            ScalableTargetAction={"MinCapacity": 2},
        )
        service.wait(2, minutes=3)


# Errors, as each operation's page lists them


def refused(call: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(Exception, match=r".") as caught:
        call(**request)
    response = getattr(caught.value, "response", None)
    assert response is not None, caught.value
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    code: str = response["Error"]["Code"]
    return code


@pytest.fixture(scope="module")
def nothing(cloud: Cloud) -> Scaled:
    """A service that does not exist."""
    return Scaled(cloud, unique("nothing"), "none")


def test_a_service_that_does_not_exist_is_no_target(nothing: Scaled) -> None:
    call = nothing.scaling.register_scalable_target
    assert refused(call, **nothing.target, MinCapacity=1, MaxCapacity=2) == "ValidationException"


@pytest.mark.parametrize("ends", [{}, {"MinCapacity": 1}, {"MinCapacity": 3, "MaxCapacity": 2}])
def test_a_new_target_needs_a_range(cloud: Cloud, definition: str, ends: dict[str, int]) -> None:
    with cloud.service(definition, count=0) as name:
        service = Scaled(cloud, name, "none")
        call = service.scaling.register_scalable_target
        assert refused(call, **service.target, **ends) == "ValidationException"


def test_what_belongs_to_a_target_that_is_not_registered_is_not_found(nothing: Scaled) -> None:
    client, target = nothing.scaling, nothing.target
    action = {"Schedule": "rate(1 minute)", "ScalableTargetAction": {"MinCapacity": 1}}
    policy = {"PolicyType": "StepScaling", "StepScalingPolicyConfiguration": STEP_OUT}
    assert {
        refused(client.deregister_scalable_target, **target),
        refused(client.put_scaling_policy, **target, PolicyName="p", **policy),
        refused(client.delete_scaling_policy, **target, PolicyName="p"),
        refused(client.put_scheduled_action, **target, ScheduledActionName="a", **action),
        refused(client.delete_scheduled_action, **target, ScheduledActionName="a"),
    } == {"ObjectNotFoundException"}


def test_malformed_policies_and_schedules_are_refused(scaled: Make) -> None:
    with scaled(count=0, minimum=0) as service:
        put, schedule = service.scaling.put_scaling_policy, service.scaling.put_scheduled_action
        gap = [
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2},
        ]
        policy = {"PolicyName": "p", **service.target}
        action = {"ScheduledActionName": "a", "ScalableTargetAction": {"MinCapacity": 1}, **service.target}
        assert {
            refused(
                put,
                **policy,
                PolicyType="StepScaling",
                StepScalingPolicyConfiguration={**STEP_OUT, "StepAdjustments": gap},
            ),
            refused(
                put,
                **policy,
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={"TargetValue": 5.0},
            ),
            refused(schedule, **action, Schedule="now"),
            refused(schedule, **action, Schedule="cron(0 10 * * * *)"),
            refused(schedule, **action, Schedule="rate(1 minute)", Timezone="Mars/Olympus"),
        } == {"ValidationException"}
