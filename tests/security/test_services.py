import json
from typing import Any

import pytest
from synthesis import Synthesized


@pytest.fixture(scope="session")
def services(stack: Synthesized) -> list[dict[str, Any]]:
    return stack.all("aws_ecs_service")


@pytest.fixture(scope="session")
def containers(stack: Synthesized) -> list[dict[str, Any]]:
    return [
        container
        for task in stack.all("aws_ecs_task_definition")
        for container in json.loads(task["container_definitions"])
    ]


def test_a_deployment_that_fails_is_rolled_back(services: list[dict[str, Any]]) -> None:
    breakers = [service["deployment_circuit_breaker"] for service in services]

    assert breakers == [{"enable": True, "rollback": True}] * len(services)


def test_every_container_has_its_log_in_cloudwatch(containers: list[dict[str, Any]]) -> None:
    assert {container["logConfiguration"]["logDriver"] for container in containers} <= {"awslogs"}


def test_every_service_with_a_port_has_a_target_group(
    stack: Synthesized, services: list[dict[str, Any]]
) -> None:
    tasks = stack.document.get("resource", {}).get("aws_ecs_task_definition", {})
    for service in services:
        task = tasks[service["task_definition"].split(".")[1]]
        ports = [
            port
            for container in json.loads(task["container_definitions"])
            for port in container.get("portMappings", [])
        ]
        assert bool(service.get("load_balancer")) == bool(ports), service["name"]


def test_every_service_of_airflow_has_a_target_group(name: str, services: list[dict[str, Any]]) -> None:
    if name == "default" or name.startswith("config/"):
        assert [service["name"] for service in services if not service.get("load_balancer")] == []
