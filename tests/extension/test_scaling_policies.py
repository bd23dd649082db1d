"""Application Auto Scaling: step scaling and target tracking of ECS services.

https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from contract import MINUTE, Cloud, wait_for
from scaling import COOLDOWN_SECONDS, STEP_OUT

Make = Callable[..., Any]


# Step scaling. https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html


def test_an_alarm_calls_a_step_policy_by_the_size_of_the_breach(scaled: Make) -> None:
    with scaled() as service:
        alarm = service.alarm(service.policy("StepScaling", STEP_OUT)["PolicyARN"], 50)
        service.wait(3, minutes=5, say=100)

        causes = [activity["Cause"] for activity in service.activities()]
        assert any(cause.startswith(f"monitor alarm {alarm} in state ALARM") for cause in causes)


def test_a_step_policy_goes_on_after_its_cooldown_to_the_maximum(scaled: Make) -> None:
    with scaled(maximum=3) as service:
        service.alarm(service.policy("StepScaling", STEP_OUT)["PolicyARN"], 50)
        service.wait(2, minutes=5, say=60)
        service.wait(3, minutes=COOLDOWN_SECONDS / 60 + 5, say=60)
        second, first, *_ = (activity["StartTime"] for activity in service.activities())
        # A minute less, for what lies between a decision, from which a cooldown counts, and its activity.
        assert (second - first).total_seconds() >= (COOLDOWN_SECONDS / 60 - 1) * MINUTE

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
            timeout_seconds=COOLDOWN_SECONDS / 60 * MINUTE + 5 * MINUTE + 10,
            interval_seconds=MINUTE / 2,
        )
        assert service.desired() == 3


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
