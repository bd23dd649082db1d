import re
from typing import Any

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import Metric, QueueScaling, Scaling, Schedule, ServiceRef, UtilizationScaling

WORKERS = ServiceRef(cluster_name="kf", name="kf-worker")
WEB = ServiceRef(
    cluster_name="kf",
    name="kf-web",
    target_group_arn="arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/kf-web/0123",
)
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/kf/4567"
NIGHT = Schedule(schedule="cron(0 20 ? * MON-FRI *)", timezone="America/New_York", min_count=0, max_count=0)


def scaled(**values: Any) -> Synthesized:
    defaults = {"service": WORKERS, "policy": QueueScaling(), "min_count": 0, "max_count": 3}
    return synthesize(lambda stack: Scaling(stack, "scaling", **{**defaults, **values}))


@pytest.fixture(scope="module")
def queue() -> Synthesized:
    return scaled()


@pytest.fixture(scope="module")
def tracking() -> Synthesized:
    return scaled(
        service=WEB,
        policy=UtilizationScaling(cpu_percent=60, requests_per_minute=500),
        min_count=1,
        load_balancer_arn=BALANCER,
        schedules={"night": NIGHT},
    )


def test_the_service_s_count_is_what_is_scaled(queue: Synthesized) -> None:
    assert queue.only("aws_appautoscaling_target") == {
        "max_capacity": 3,
        "min_capacity": 0,
        "resource_id": "service/kf/kf-worker",
        "scalable_dimension": "ecs:service:DesiredCount",
        "service_namespace": "ecs",
    }


def test_one_more_for_each_that_is_missing(queue: Synthesized) -> None:
    assert queue.at("scaling/out")["step_scaling_policy_configuration"] == {
        "adjustment_type": "ChangeInCapacity",
        "cooldown": 30,
        "metric_aggregation_type": "Maximum",
        "step_adjustment": [
            {
                "metric_interval_lower_bound": "0",
                "metric_interval_upper_bound": "1",
                "scaling_adjustment": 1,
            },
            {
                "metric_interval_lower_bound": "1",
                "metric_interval_upper_bound": "2",
                "scaling_adjustment": 2,
            },
            {"metric_interval_lower_bound": "2", "scaling_adjustment": 3},
        ],
    }


def test_one_less_for_each_too_many(queue: Synthesized) -> None:
    steps = queue.at("scaling/in")["step_scaling_policy_configuration"]["step_adjustment"]

    assert steps == [
        {"metric_interval_lower_bound": "-1", "metric_interval_upper_bound": "0", "scaling_adjustment": -1},
        {"metric_interval_lower_bound": "-2", "metric_interval_upper_bound": "-1", "scaling_adjustment": -2},
        {"metric_interval_upper_bound": "-2", "scaling_adjustment": -3},
    ]


def alarm(stack: Synthesized, name: str) -> dict[str, Any]:
    found = stack.at(f"scaling/{name}")
    return {
        key: found[key]
        for key in (
            "comparison_operator",
            "threshold",
            "period",
            "evaluation_periods",
            "datapoints_to_alarm",
            "treat_missing_data",
        )
    }


def test_one_period_of_ten_seconds_is_enough_to_add(queue: Synthesized) -> None:
    assert alarm(queue, "missing") == {
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "threshold": 1,
        "period": 10,
        "evaluation_periods": 1,
        "datapoints_to_alarm": 1,
        "treat_missing_data": "missing",
    }


def test_all_of_five_minutes_are_needed_to_take_away_and_silence_is_none_of_them(queue: Synthesized) -> None:
    assert alarm(queue, "spare") == {
        "comparison_operator": "LessThanOrEqualToThreshold",
        "threshold": -1,
        "period": 60,
        "evaluation_periods": 5,
        "datapoints_to_alarm": 5,
        "treat_missing_data": "notBreaching",
    }


def test_the_minutes_until_workers_are_taken_away_can_be_said() -> None:
    stack = scaled(policy=QueueScaling(scale_in_minutes=20, scale_in_cooldown_seconds=600))

    assert stack.at("scaling/spare")["evaluation_periods"] == 20
    assert stack.at("scaling/in")["step_scaling_policy_configuration"]["cooldown"] == 600


@pytest.mark.parametrize(("name", "policy"), [("missing", "out"), ("spare", "in")])
def test_each_alarm_calls_its_policy_and_looks_at_what_airflow_publishes(
    queue: Synthesized, name: str, policy: str
) -> None:
    found = queue.at(f"scaling/{name}")

    (action,) = found["alarm_actions"]
    assert re.fullmatch(rf"\$\{{aws_appautoscaling_policy\.scaling_{policy}_\w+\.arn\}}", action)
    assert (found["namespace"], found["metric_name"], found["dimensions"], found["statistic"]) == (
        "KFAirflow",
        "WorkersMissing",
        {"ClusterName": "kf", "ServiceName": "kf-worker"},
        "Maximum",
    )


def test_another_queue_has_a_metric_of_its_own() -> None:
    stack = scaled(missing=Metric(namespace="Jobs", name="Missing", dimensions={"Queue": "rq"}))

    assert {
        (found["namespace"], found["metric_name"], found["dimensions"]["Queue"])
        for found in stack.all("aws_cloudwatch_metric_alarm")
    } == {("Jobs", "Missing", "rq")}


def test_terraform_keeps_a_range_that_no_schedule_changes(queue: Synthesized) -> None:
    assert "lifecycle" not in queue.only("aws_appautoscaling_target")


def test_terraform_leaves_the_range_to_schedules(tracking: Synthesized) -> None:
    assert tracking.only("aws_appautoscaling_target")["lifecycle"] == {
        "ignore_changes": ["min_capacity", "max_capacity"]
    }


def test_a_schedule_says_the_whole_range(tracking: Synthesized) -> None:
    action = tracking.only("aws_appautoscaling_scheduled_action")

    assert (action["name"], action["schedule"], action["timezone"]) == (
        "night",
        "cron(0 20 ? * MON-FRI *)",
        "America/New_York",
    )
    assert action["scalable_target_action"] == {"max_capacity": "0", "min_capacity": "0"}


def test_cpu_and_requests_are_tracked_each_by_a_policy(tracking: Synthesized) -> None:
    tracked = {
        policy["target_tracking_scaling_policy_configuration"]["predefined_metric_specification"][
            "predefined_metric_type"
        ]: policy["target_tracking_scaling_policy_configuration"]["target_value"]
        for policy in tracking.all("aws_appautoscaling_policy")
    }

    assert tracked == {"ECSServiceAverageCPUUtilization": 60, "ALBRequestCountPerTarget": 500}


def test_requests_are_those_of_the_load_balancer_to_the_service(tracking: Synthesized) -> None:
    label = tracking.at("scaling/requests")["target_tracking_scaling_policy_configuration"][
        "predefined_metric_specification"
    ]["resource_label"]

    assert label == (
        f'${{join("/", [element(split(":loadbalancer/", "{BALANCER}"), 1), '
        f'element(split(":", "{WEB.target_group_arn}"), 5)])}}'
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"max_count": 0}, "max_count is 0: allowed are 1 to 5000"),
        ({"min_count": 4}, "min_count is 4: allowed are 0 to 3"),
        (
            {"policy": UtilizationScaling()},
            "min_count is 0: allowed are 1 to 3, as a service that has no tasks has no utilization",
        ),
        (
            {
                "policy": UtilizationScaling(),
                "min_count": 1,
                "schedules": {"night": Schedule(schedule=NIGHT.schedule, min_count=0)},
            },
            "min_count of the schedule 'night' is 0: allowed are 1 to 3, or 0 with a max_count of 0",
        ),
        (
            {"policy": UtilizationScaling(requests_per_minute=9), "min_count": 1},
            "load_balancer_arn is None: allowed is an ARN, as requests_per_minute is 9",
        ),
        (
            {
                "policy": UtilizationScaling(requests_per_minute=9),
                "min_count": 1,
                "load_balancer_arn": BALANCER,
            },
            "target_group_arn of the service is None: allowed is an ARN",
        ),
        (
            {"policy": UtilizationScaling(), "min_count": 1, "missing": Metric(namespace="N", name="M")},
            "missing is 'M': allowed with QueueScaling alone",
        ),
    ],
)
def test_what_an_autoscaler_could_not_go_by_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        scaled(**values)
