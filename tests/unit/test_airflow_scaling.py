"""How Airflow's services scale."""

import re
from typing import Any

import pytest
from airflow_stack import container_environment
from synthesis import Synthesized, synthesize

from kf_airflow import Airflow, DatabaseOptions, Schedule, ServiceOptions, UtilizationScaling, WorkerPool

EVENING = Schedule(schedule="cron(0 20 ? * MON-FRI *)", timezone="America/New_York", min_count=0, max_count=0)
WORKER = WorkerPool(cpu=1024, memory_mib=2048, concurrency=4, count=1, min_count=0, max_count=3)


def scaled(**values: Any) -> Synthesized:
    return synthesize(
        lambda stack: Airflow(
            stack,
            "airflow",
            name="kf",
            image="image",
            database=DatabaseOptions(instance_class="db.m7g.large"),
            **values,
        )
    )


@pytest.fixture(scope="module")
def all_scaled() -> Synthesized:
    return scaled(
        airflow=ServiceOptions(
            cpu=2048,
            memory_mib=8192,
            count=2,
            min_count=1,
            max_count=4,
            scaling=UtilizationScaling(cpu_percent=60, requests_per_minute=900),
        ),
        worker=WORKER,
        flower=ServiceOptions(cpu=256, memory_mib=512, max_count=2, schedules={"evening": EVENING}),
        worker_pools={"gpu": WorkerPool(cpu=2048, memory_mib=4096, concurrency=1)},
    )


def test_what_has_no_range_keeps_its_count(default: Synthesized) -> None:
    assert default.all("aws_appautoscaling_target") == []
    assert default.all("aws_appautoscaling_policy") == []


def test_each_service_with_a_range_has_it(all_scaled: Synthesized) -> None:
    paths = {
        f"airflow/{service}": (target["min_capacity"], target["max_capacity"])
        for service in ("airflow", "worker", "flower")
        for target in [all_scaled.at(f"airflow/{service}/scaling/target")]
    }

    assert paths == {"airflow/airflow": (1, 4), "airflow/worker": (0, 3), "airflow/flower": (1, 2)}
    assert len(all_scaled.all("aws_appautoscaling_target")) == 3


def test_the_range_comes_after_the_service(all_scaled: Synthesized) -> None:
    resource = all_scaled.at("airflow/worker/scaling/target")["resource_id"]

    assert re.fullmatch(
        r"service/\$\{aws_ecs_cluster_capacity_providers\.\w+(-\w+)*\.cluster_name\}/"
        r"\$\{aws_ecs_service\.airflow_worker_service_\w+\.name\}",
        resource,
    )


def test_workers_follow_their_queues_and_the_others_what_they_are_used_for(all_scaled: Synthesized) -> None:
    kinds = {
        service: all_scaled.at(f"airflow/{service}/scaling/{policy}")["policy_type"]
        for service, policy in (("airflow", "cpu"), ("worker", "out"), ("flower", "cpu"))
    }

    assert kinds == {
        "airflow": "TargetTrackingScaling",
        "worker": "StepScaling",
        "flower": "TargetTrackingScaling",
    }


def test_the_requests_of_the_webserver_are_those_of_its_load_balancer(all_scaled: Synthesized) -> None:
    label = all_scaled.at("airflow/airflow/scaling/requests")["target_tracking_scaling_policy_configuration"][
        "predefined_metric_specification"
    ]["resource_label"]

    assert re.fullmatch(
        r'\$\{join\("/", \['
        r'element\(split\(":loadbalancer/", aws_lb\.airflow_ingress_load-balancer_\w+\.arn\), 1\), '
        r'element\(split\(":", aws_lb_target_group\.airflow_target-group_\w+\.arn\), 5\)\]\)\}',
        label,
    )


@pytest.mark.parametrize("service", ["airflow", "worker", "flower"])
def test_terraform_leaves_the_count_to_the_autoscaler(all_scaled: Synthesized, service: str) -> None:
    assert all_scaled.at(f"airflow/{service}/service")["lifecycle"]["ignore_changes"] == ["desired_count"]


def test_parallelism_is_what_all_workers_there_may_be_run_for_the_fewest_schedulers(
    all_scaled: Synthesized,
) -> None:
    scheduler = container_environment(all_scaled, "airflow", "scheduler")

    assert scheduler["AIRFLOW__CORE__PARALLELISM"] == str(3 * 4 + 1)


def test_all_workers_there_may_be_count_as_connections() -> None:
    worker = WorkerPool(cpu=1024, memory_mib=4096, concurrency=8, count=0, max_count=60)

    with pytest.raises(ValueError, match=r"workers of worker 120 x \(8 \+ 1\)"):
        scaled(worker=worker)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"flower": ServiceOptions(cpu=256, memory_mib=512, min_count=0, max_count=2)},
            "in flower min_count is 0: allowed are 1 to 2, as a service that has no tasks has no utilization",
        ),
        (
            {
                "flower": ServiceOptions(
                    cpu=256,
                    memory_mib=512,
                    max_count=2,
                    schedules={"evening": Schedule(schedule=EVENING.schedule, min_count=0)},
                )
            },
            "in flower min_count of the schedule 'evening' is 0: allowed are 1 to 2, or 0 with a max_count",
        ),
    ],
)
def test_what_could_never_scale_out_again_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scaled(**values)
