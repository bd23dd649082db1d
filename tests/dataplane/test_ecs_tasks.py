"""Tasks: how they are run, observed, described, found and registered."""

from datetime import UTC, datetime
from typing import Any

import pytest

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, HealthCheck
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.instances import wanted_instances
from localstack_dataplane.ecs.launch import container_arguments
from localstack_dataplane.ecs.metadata_documents import container_document, task_document
from localstack_dataplane.ecs.observe import by_task, observe
from localstack_dataplane.ecs.service import LoadBalancer, Service, ServiceRegistry
from localstack_dataplane.ecs.targets import wanted_registrations
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.ecs.task_api import api_document

CONFIG = Config(instance="local", address="169.254.170.2", backing_image="backing")
APP = ContainerDefinition(name="app", image="i", health_check=HealthCheck(test=("CMD", "true")))


def make_task(*containers, **values):
    definition = TaskDefinition(
        arn="arn:aws:ecs:us-east-1:1:task-definition/fam:3",
        containers=containers or (APP,),
        task_role="role",
        cpu=512,
        memory=1024,
    )
    base = {"account": "1", "region": "us-east-1", "cluster": "c", "group": "service:web", "service": "web"}
    return Task(id="t1", definition=definition, **{**base, **values})


def docker(name, kind="ecs-container", status="running", **values):
    labels = {"kind": kind, "task": "t1", "container": name}
    return Container(
        id=f"id-{name}",
        name=name,
        status=status,
        labels={f"localstack-dataplane.{key}": value for key, value in labels.items()},
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        **values,
    )


NETWORK = docker("", "ecs-task-pause", address="10.0.0.9")


def running_task(health="healthy", **values):
    task = make_task(**values)
    observe(task, [NETWORK, docker("app", health=health)])
    return task


def service(**values):
    base: dict[str, Any] = {"account": "1", "region": "us-east-1", "cluster": "c", "name": "web", "arn": "a"}
    return Service(**base, status="ACTIVE", desired=1, deployments=(), task_definitions={}, **values)


def test_containers_share_the_network_and_the_limits_of_the_task():
    arguments = container_arguments(CONFIG, running_task(), APP)
    assert (arguments["network"], arguments["cpus"], arguments["memory_mib"]) == ("id-", 0.5, 1024)


def test_a_container_finds_the_api_its_credentials_and_its_metadata():
    task = running_task()
    environment = container_arguments(CONFIG, task, APP)["environment"]
    assert environment["AWS_ENDPOINT_URL"] == "http://169.254.170.2:4566"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] == f"/v2/credentials/{task.credentials}"
    assert environment["ECS_CONTAINER_METADATA_URI_V4"] == "http://169.254.170.2/v4/t1-app"


def test_its_own_environment_wins_and_secrets_come_last():
    app = ContainerDefinition(name="app", image="i", environment={"AWS_REGION": "x", "A": "plain"})
    task = running_task()
    task.secrets = {"app": {"A": "secret"}}
    environment = container_arguments(CONFIG, task, app)["environment"]
    assert (environment["AWS_REGION"], environment["A"]) == ("x", "secret")


def test_secrets_are_not_shown_with_the_task():
    assert "hidden" not in repr(make_task(secrets={"app": {"A": "hidden"}}))


def test_a_health_check_of_the_image_is_switched_off():
    plain = ContainerDefinition(name="app", image="i")
    assert container_arguments(CONFIG, running_task(), plain)["health_check"].test == ("NONE",)


def test_containers_are_sorted_by_task():
    assert by_task([NETWORK, docker("app"), docker("x", "rds")]) == {"t1": [NETWORK, docker("app")]}


def test_a_running_task_tells_its_address_and_when_it_started():
    task = running_task()
    assert (task.last_status, task.address, task.health) == ("RUNNING", "10.0.0.9", "HEALTHY")
    assert task.started_at is not None


def test_an_exit_is_recorded_with_its_code():
    task = running_task()
    observe(task, [NETWORK, docker("app", status="exited", exit_code=3)])
    record = task.containers["app"]
    assert (record.status, record.exit_code) == ("STOPPED", 3)


def test_a_container_that_used_too_much_memory_says_so():
    task = running_task()
    observe(task, [NETWORK, docker("app", status="exited", exit_code=137, oom_killed=True)])
    assert task.containers["app"].reason == "OutOfMemoryError: Container killed due to memory usage"


def test_a_container_that_somebody_removed_has_stopped():
    task = running_task()
    observe(task, [NETWORK])
    assert (task.containers["app"].status, task.containers["app"].exit_code) == ("STOPPED", 137)


@pytest.mark.parametrize(
    ("healths", "serving"),
    [
        (["starting"], False),
        (["healthy"], True),
        (["healthy", "starting"], True),
        (["healthy", "unhealthy"], False),
    ],
)
def test_a_task_serves_once_it_was_healthy_and_until_it_is_unhealthy(healths, serving):
    task = make_task()
    for health in healths:
        observe(task, [NETWORK, docker("app", health=health)])
    assert task.serving is serving


REGISTRY = ServiceRegistry(arn="r", port=8080)


def test_a_running_task_is_an_instance_of_each_registry():
    instance = wanted_instances([service(registries=(REGISTRY,))], [running_task()])["r"]["t1"]
    assert (instance.attributes["AWS_INSTANCE_IPV4"], instance.attributes["AWS_INSTANCE_PORT"]) == (
        "10.0.0.9",
        "8080",
    )
    assert instance.healthy


def test_an_unhealthy_task_is_an_unhealthy_instance():
    task = running_task()
    task.health = "UNHEALTHY"
    assert not wanted_instances([service(registries=(REGISTRY,))], [task])["r"]["t1"].healthy


def test_a_stopping_task_is_no_instance():
    task = running_task()
    task.stop("UserInitiated", "why")
    assert wanted_instances([service(registries=(REGISTRY,))], [task]) == {"r": {}}


BALANCER = LoadBalancer(target_group="tg", container="app", port=8080)


def test_a_task_is_a_target_while_its_container_runs():
    assert wanted_registrations(service(load_balancers=(BALANCER,)), running_task()) == {
        ("tg", "10.0.0.9", 8080)
    }


def test_a_task_whose_container_waits_for_another_is_no_target_yet():
    task = make_task()
    observe(task, [NETWORK])
    assert wanted_registrations(service(load_balancers=(BALANCER,)), task) == set()


def test_a_stopping_task_is_no_target():
    task = running_task()
    task.stop("UserInitiated", "why")
    assert wanted_registrations(service(load_balancers=(BALANCER,)), task) == set()


def test_the_first_reason_to_stop_stays():
    task = make_task()
    task.stop("TaskFailedToStart", "first")
    task.stop("UserInitiated", "second")
    assert (task.stop_code, task.stopped_reason) == ("TaskFailedToStart", "first")


def test_describe_tasks_tells_address_health_and_exit_codes():
    document = api_document(running_task())
    [container] = document["containers"]
    assert (document["lastStatus"], document["desiredStatus"]) == ("RUNNING", "RUNNING")
    assert container["networkInterfaces"][0]["privateIpv4Address"] == "10.0.0.9"
    assert container["healthStatus"] == "HEALTHY"
    assert "exitCode" not in container
    details = {item["name"]: item["value"] for item in document["attachments"][0]["details"]}
    assert details["privateIPv4Address"] == "10.0.0.9"


def test_the_metadata_of_a_task_lists_its_containers():
    task = running_task()
    document = task_document(task)
    assert (document["Family"], document["Revision"], document["ServiceName"]) == ("fam", "3", "web")
    assert document["Containers"] == [container_document(task, "app")]
