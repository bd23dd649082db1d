"""What is paid for in a stack, from small stacks in which it is all there is."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from kf_airflow_deploy.costs.amounts import Amounts
from kf_airflow_deploy.costs.counting import quantities
from kf_airflow_deploy.costs.quantity import Quantity, several
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import Usage, read_usage
from kf_airflow_deploy.errors import DeployError

HOURS = 730


@pytest.fixture
def usage() -> Usage:
    return read_usage()


def counted(usage: Usage, **resources: Mapping[str, Mapping[str, Any]]) -> dict[str, Quantity]:
    """What a stack of these resources amounts to, by the names of the prices."""
    found = quantities(StackResources({"resource": resources}), usage)
    return {quantity.price: quantity for quantity in found}


def service(**arguments: Any) -> dict[str, Any]:
    path = "airflow-dev/airflow/worker/service"
    return {
        "//": {"metadata": {"path": path}},
        "desired_count": 2,
        "task_definition": "${aws_ecs_task_definition.task.arn}",
        "capacity_provider_strategy": [{"capacity_provider": "FARGATE", "weight": 1}],
        **arguments,
    }


def task(**arguments: Any) -> dict[str, Any]:
    return {
        "cpu": "2048",
        "memory": "8192",
        "runtime_platform": {"cpu_architecture": "X86_64"},
        "container_definitions": "[]",
        **arguments,
    }


def test_a_nat_gateway_is_paid_by_the_hour_and_by_what_goes_through_it(usage: Usage) -> None:
    found = counted(usage, aws_nat_gateway={"a": {}, "b": {}})

    assert found["nat.hour"].amounts == Amounts.of(2 * HOURS)
    assert found["nat.gb"].amounts == usage.nat_gb
    assert found["nat.hour"].options == ("[network] nat", "[network] zones")


def test_an_interface_endpoint_is_paid_in_each_of_its_zones(usage: Usage) -> None:
    found = counted(
        usage, aws_vpc_endpoint={"logs": {"vpc_endpoint_type": "Interface", "subnet_ids": ["a", "b", "c"]}}
    )

    assert found["endpoint.hour"].amounts == Amounts.of(3 * HOURS)


def test_a_gateway_endpoint_costs_nothing(usage: Usage) -> None:
    assert counted(usage, aws_vpc_endpoint={"s3": {"vpc_endpoint_type": "Gateway"}}) == {}


def test_a_load_balancer_open_to_the_internet_has_an_address_in_each_zone(usage: Usage) -> None:
    found = counted(usage, aws_lb={"it": {"internal": False, "subnets": ["a", "b"]}})

    assert found["public-ipv4.hour"].amounts == Amounts.of(2 * HOURS)


def test_an_internal_load_balancer_has_no_public_address(usage: Usage) -> None:
    assert "public-ipv4.hour" not in counted(usage, aws_lb={"it": {"internal": True, "subnets": ["a"]}})


def test_a_service_is_paid_for_its_vcpus_and_its_memory(usage: Usage) -> None:
    found = counted(usage, aws_ecs_service={"it": service()}, aws_ecs_task_definition={"task": task()})

    assert found["fargate.X86_64.vcpu-hour"].amounts == Amounts.of(2 * 2 * HOURS)
    assert found["fargate.X86_64.gb-hour"].amounts == Amounts.of(2 * 8 * HOURS)
    assert found["fargate.X86_64.gb-hour"].options[0] == "[worker] min_count, count, max_count"


def test_an_autoscaler_makes_the_least_and_the_most_of_a_service(usage: Usage) -> None:
    found = counted(
        usage,
        aws_ecs_service={"it": service()},
        aws_ecs_task_definition={"task": task()},
        aws_appautoscaling_target={
            "range": {
                "resource_id": "service/cluster/${aws_ecs_service.it.name}",
                "min_capacity": 1,
                "max_capacity": 10,
            }
        },
    )

    assert found["fargate.X86_64.vcpu-hour"].amounts == Amounts(1, 2, 10) * (2 * HOURS)


def test_a_schedule_may_leave_fewer_tasks(usage: Usage) -> None:
    found = counted(
        usage,
        aws_ecs_service={"it": service()},
        aws_ecs_task_definition={"task": task()},
        aws_appautoscaling_target={
            "range": {"resource_id": "${aws_ecs_service.it.name}", "min_capacity": 1, "max_capacity": 4}
        },
        aws_appautoscaling_scheduled_action={
            "night": {
                "resource_id": "${aws_appautoscaling_target.range.resource_id}",
                "scalable_target_action": {"min_capacity": 0, "max_capacity": 0},
            }
        },
    )

    assert found["fargate.X86_64.vcpu-hour"].amounts == Amounts(0, 2, 4) * (2 * HOURS)


def test_tasks_above_the_base_are_paid_as_spot(usage: Usage) -> None:
    strategy = [
        {"capacity_provider": "FARGATE", "base": 1, "weight": 25},
        {"capacity_provider": "FARGATE_SPOT", "weight": 75},
    ]
    found = counted(
        usage,
        aws_ecs_service={"it": service(desired_count=5, capacity_provider_strategy=strategy)},
        aws_ecs_task_definition={"task": task()},
    )

    assert found["fargate.X86_64.vcpu-hour"].amounts == Amounts.of(2 * 2 * HOURS)
    assert found["fargate.X86_64.spot.vcpu-hour"].amounts == Amounts.of(3 * 2 * HOURS)


def test_an_arm_service_has_arms_price(usage: Usage) -> None:
    arm = task(runtime_platform={"cpu_architecture": "ARM64"})
    found = counted(usage, aws_ecs_service={"it": service()}, aws_ecs_task_definition={"task": arm})

    assert "fargate.ARM64.vcpu-hour" in found


def test_twenty_gib_of_a_task_s_disk_are_free(usage: Usage) -> None:
    large = task(ephemeral_storage={"size_in_gib": 50})
    found = counted(usage, aws_ecs_service={"it": service()}, aws_ecs_task_definition={"task": large})

    assert found["fargate.disk.gb-hour"].amounts == Amounts.of(2 * 30 * HOURS)


def test_a_service_whose_count_is_not_known_is_refused(usage: Usage) -> None:
    with pytest.raises(DeployError, match=r"has the desired_count '\$\{var.count\}': a number is needed"):
        counted(
            usage,
            aws_ecs_service={"it": service(desired_count="${var.count}")},
            aws_ecs_task_definition={"task": task()},
        )


def test_a_service_whose_task_is_elsewhere_is_refused(usage: Usage) -> None:
    with pytest.raises(DeployError, match="one of the stack is needed"):
        counted(usage, aws_ecs_service={"it": service(task_definition="arn:of:another")})


INSTANCE = {
    "instance_class": "db.m7g.large",
    "allocated_storage": 100,
    "max_allocated_storage": 1000,
    "storage_type": "gp3",
    "backup_retention_period": 0,
}


def test_a_standby_costs_as_much_again(usage: Usage) -> None:
    found = counted(usage, aws_db_instance={"it": {**INSTANCE, "multi_az": True}})

    assert found["database.db.m7g.large.hour"].amounts == Amounts.of(2 * HOURS)
    assert found["database.gp3.gb-month"].amounts == Amounts(200, 200, 2000)


def test_storage_is_paid_up_to_where_it_may_grow(usage: Usage) -> None:
    found = counted(usage, aws_db_instance={"it": INSTANCE})

    assert found["database.gp3.gb-month"].amounts == Amounts(100, 100, 1000)


def test_storage_that_does_not_grow_is_the_same_at_most(usage: Usage) -> None:
    found = counted(usage, aws_db_instance={"it": {**INSTANCE, "max_allocated_storage": 0}})

    assert found["database.gp3.gb-month"].amounts == Amounts.of(100)


def test_backups_are_free_up_to_the_size_of_the_storage(usage: Usage) -> None:
    found = counted(usage, aws_db_instance={"it": {**INSTANCE, "backup_retention_period": 35}})

    # At most 1000 GiB are used, 5 % of which change each day for 35 days: 2750 GiB, of which 1000 are free.
    assert found["database.backup.gb-month"].amounts == Amounts(0, 0, 1750)


def test_operations_beyond_what_the_storage_has_by_itself_are_paid(usage: Usage) -> None:
    large = {**INSTANCE, "allocated_storage": 400, "max_allocated_storage": 0, "iops": 15000}

    assert counted(usage, aws_db_instance={"it": large})["database.gp3.iops-month"].amounts == Amounts.of(
        3000
    )


def test_a_proxy_is_paid_by_the_vcpus_behind_it(usage: Usage) -> None:
    found = counted(
        usage,
        aws_db_instance={"it": {**INSTANCE, "instance_class": "db.r6g.2xlarge"}},
        aws_db_proxy={"proxy": {}},
        aws_db_proxy_target={
            "target": {
                "db_proxy_name": "${aws_db_proxy.proxy.name}",
                "db_instance_identifier": "${aws_db_instance.it.identifier}",
            }
        },
    )

    assert found["database.proxy.vcpu-hour"].amounts == Amounts.of(8 * HOURS)


def test_each_node_of_the_broker_is_paid_by_its_engine(usage: Usage) -> None:
    group = {"node_type": "cache.m7g.large", "num_cache_clusters": 3, "engine": "valkey"}
    found = counted(usage, aws_elasticache_replication_group={"it": group})

    assert found["broker.valkey.cache.m7g.large.hour"].amounts == Amounts.of(3 * HOURS)


def test_one_snapshot_of_the_broker_is_free(usage: Usage) -> None:
    group = {"node_type": "cache.t4g.small", "num_cache_clusters": 1, "snapshot_retention_limit": 1}

    assert "broker.snapshot.gb-month" not in counted(usage, aws_elasticache_replication_group={"it": group})


def test_a_bucket_keeps_what_its_life_cycle_leaves(usage: Usage) -> None:
    cycle = {"bucket": "${aws_s3_bucket.logs.id}", "rule": [{"expiration": [{"days": 304}]}]}
    found = counted(usage, aws_s3_bucket={"logs": {}}, aws_s3_bucket_lifecycle_configuration={"cycle": cycle})

    assert found["s3.gb-month"].amounts == usage.task_logs_gb * 10


def test_the_secret_that_rds_makes_is_paid_too(usage: Usage) -> None:
    found = counted(
        usage,
        aws_secretsmanager_secret={"a": {}, "b": {}},
        aws_db_instance={"it": {**INSTANCE, "manage_master_user_password": True}},
    )

    assert found["secret.month"].amounts == Amounts.of(3)


def test_a_key_that_is_rotated_costs_three_times_in_the_third_year(usage: Usage) -> None:
    found = counted(usage, aws_kms_key={"a": {"enable_key_rotation": True}, "b": {}})

    assert found["key.month"].amounts == Amounts(2, 2, 4)


def test_logs_are_paid_when_they_come_and_for_as_long_as_they_are_kept(usage: Usage) -> None:
    found = counted(usage, aws_cloudwatch_log_group={"it": {"name": "apps-dev/it", "retention_in_days": 304}})

    assert found["logs.gb"].amounts == usage.service_logs_gb
    assert found["logs.kept.gb-month"].amounts.typical == pytest.approx(15)


def test_an_alarm_of_ten_seconds_costs_more_than_one_of_a_minute(usage: Usage) -> None:
    found = counted(
        usage, aws_cloudwatch_metric_alarm={"slow": {"period": 60}, "quick": {"period": 10}, "also": {}}
    )

    assert found["alarm.month"].amounts == Amounts.of(2)
    assert found["alarm.quick.month"].amounts == Amounts.of(1)


def test_airflow_s_own_metrics_go_by_queues_and_pools(usage: Usage) -> None:
    pools = [{"service": "worker", "queues": ["default", "large"]}, {"service": "gatk", "queues": ["gatk"]}]
    variable = {"name": "KF_AIRFLOW_WORKER_POOLS", "value": json.dumps(pools)}
    containers = json.dumps([{"name": "metrics", "environment": [variable]}])
    found = counted(
        usage,
        aws_ecs_service={"it": service()},
        aws_ecs_task_definition={"task": task(container_definitions=containers)},
    )

    assert found["metric.month"].amounts == Amounts.of(5 + 3 * 5 + 2 * 5)
    assert found["metric.thousand-calls"].amounts.typical == pytest.approx(2 * 262.8)


def test_a_resource_nobody_knows_is_named_and_refused(usage: Usage) -> None:
    with pytest.raises(DeployError, match="Nobody knows what these cost: aws_redshift_cluster"):
        counted(usage, aws_redshift_cluster={"it": {}})


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "1 alarm of ten seconds"), (2, "2 alarms of ten seconds"), (0, "0 alarms of ten seconds")],
)
def test_a_number_and_its_noun_agree(count: int, words: str) -> None:
    assert several(count, "alarm of ten seconds") == words
