"""What is read from and written to the records of ECS services."""

from types import SimpleNamespace

import pytest

from localstack_dataplane.clock import now
from localstack_dataplane.ecs.capacity import Share
from localstack_dataplane.ecs.service import DeploymentTruth, LoadBalancer, ServiceRegistry
from localstack_dataplane.moto_state.ecs_records import (
    add_event,
    fill_network,
    new_deployment,
    read_service,
    roll_back,
    service_document,
    update_deployment,
)


def record(**values):
    base = {
        "arn": "arn",
        "name": "web",
        "cluster_name": "c",
        "cluster_arn": "arn:cluster",
        "status": "ACTIVE",
        "desired_count": 2,
        "running_count": 1,
        "pending_count": 1,
        "task_definition": "web:1",
        "launch_type": "FARGATE",
        "load_balancers": [],
        "service_registries": [],
        "network_configuration": {},
        "propagate_tags": "NONE",
        "platform_version": "LATEST",
        "role_arn": None,
        "scheduling_strategy": "REPLICA",
        "deployment_controller": {"type": "ECS"},
        "tags": [],
        "events": [],
        "deployments": [],
    }
    found = SimpleNamespace(**(base | values))
    found.deployments = found.deployments or [new_deployment(found)]
    return found


def read(**values):
    return read_service("1", "r", None, record(**values))


def test_a_minimal_service_has_the_defaults_of_ecs():
    service = read()
    assert (service.minimum_percent, service.maximum_percent, service.circuit_breaker) == (100, 200, False)


def test_a_deployment_configuration_is_read():
    breaker = {"enable": True, "rollback": True}
    service = read(deployment_configuration={"maximumPercent": 150, "deploymentCircuitBreaker": breaker})
    assert (service.minimum_percent, service.maximum_percent) == (100, 150)
    assert (service.circuit_breaker, service.rollback) == (True, True)


def test_load_balancers_and_registries_are_read():
    service = read(
        load_balancers=[{"targetGroupArn": "tg", "containerName": "app", "containerPort": 80}],
        service_registries=[{"registryArn": "reg", "containerName": "app", "containerPort": 8080}],
    )
    assert service.load_balancers == (LoadBalancer(target_group="tg", container="app", port=80),)
    assert service.registries == (ServiceRegistry(arn="reg", port=8080),)


def test_the_strategy_of_capacity_providers_is_read():
    strategy = [
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
        {"capacityProvider": "FARGATE", "base": 1, "weight": 1},
    ]
    assert read(capacity_provider_strategy=strategy).strategy == (
        Share("FARGATE_SPOT", weight=3),
        Share("FARGATE", base=1, weight=1),
    )


def test_tasks_get_the_tags_of_the_service_only_if_asked_to():
    tags = [{"key": "a", "value": "b"}]
    assert read(tags=tags).task_tags == ()
    assert read(tags=tags, propagate_tags="SERVICE").task_tags == (("a", "b"),)


def test_a_description_keeps_what_the_caller_gave():
    given = {
        "health_check_grace_period_seconds": 60,
        "enable_execute_command": True,
        "capacity_provider_strategy": [{"capacityProvider": "FARGATE", "weight": 1}],
    }
    document = service_document(record(launch_type=None, **given))
    assert document["healthCheckGracePeriodSeconds"] == 60
    assert document["enableExecuteCommand"] is True
    assert document["capacityProviderStrategy"] == given["capacity_provider_strategy"]
    assert "launchType" not in document


def test_a_description_shows_nothing_of_ours():
    found = record()
    update_deployment(found.deployments[0], DeploymentTruth(running=1, last_failure=now()))
    [deployment] = service_document(found)["deployments"]
    assert not [key for key in deployment if key.startswith("_")]
    assert deployment["runningCount"] == 1


def test_a_deployment_that_did_not_change_keeps_its_time():
    [deployment] = record().deployments
    update_deployment(deployment, DeploymentTruth())
    before = deployment["updatedAt"]
    update_deployment(deployment, DeploymentTruth())
    assert deployment["updatedAt"] == before


def test_rolling_back_makes_the_last_completed_deployment_the_primary_one():
    found = record()
    old, new = found.deployments[0], new_deployment(record(task_definition="web:2"))
    old.update(status="ACTIVE", rolloutState="COMPLETED")
    found.deployments = [new, old]
    roll_back(found)
    assert [(item["taskDefinition"], item["status"]) for item in found.deployments] == [
        ("web:1", "PRIMARY"),
        ("web:2", "ACTIVE"),
    ]
    assert (found.task_definition, old["rolloutState"]) == ("web:1", "IN_PROGRESS")


def test_without_a_completed_deployment_nothing_is_rolled_back():
    found = record()
    roll_back(found)
    assert found.deployments[0]["status"] == "PRIMARY"


def test_the_newest_event_comes_first_and_a_hundred_are_kept():
    found = record()
    for number in range(101):
        add_event(found, str(number))
    assert (found.events[0]["message"], len(found.events)) == ("100", 100)


@pytest.mark.parametrize("configuration", [None, {}, {"awsvpcConfiguration": {"subnets": ["s"]}}])
def test_a_network_gets_the_defaults_of_ecs(configuration):
    fill_network(configuration)
    network = (configuration or {}).get("awsvpcConfiguration")
    assert network in (None, {"subnets": ["s"], "assignPublicIp": "DISABLED", "securityGroups": []})
