"""Cloud Map: tasks are found by the names of their services.

https://docs.aws.amazon.com/cloud-map/latest/dg/what-is-cloud-map.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from contract import Cloud
from discovery import ASK, instances

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def definition(cloud: Cloud) -> str:
    """A task that listens on 8000."""
    return cloud.task_definition(
        cloud.container("main", "serve", stopTimeout=2, portMappings=[{"containerPort": 8000}])
    )


def test_the_name_of_a_service_has_the_addresses_of_all_its_tasks(
    cloud: Cloud, namespace: dict[str, str], registry: Make, definition: str
) -> None:
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsConfig.html
    with (
        registry("A", HealthCheckCustomConfig={"FailureThreshold": 1}) as web,
        cloud.service(definition, count=2, serviceRegistries=[{"registryArn": web["arn"]}]) as service,
    ):
        found = instances(cloud, namespace, web["name"], 2, HealthStatus="HEALTHY")
        host = f"{web['name']}.{namespace['name']}"
        code, lines = cloud.run_code(f"{ASK}\nprint(json.dumps(records({host!r}, 1)))")

        addresses = sorted(item["Attributes"]["AWS_INSTANCE_IPV4"] for item in found)
        assert (code, json.loads(lines[0])) == (0, addresses)

        # What a stopped task was registered as is gone with it.
        cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, desiredCount=0)
        assert instances(cloud, namespace, web["name"], 0) == []


def test_service_records_lead_to_port_and_address_of_each_task(
    cloud: Cloud, namespace: dict[str, str], registry: Make, definition: str
) -> None:
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsRecord.html
    with registry("SRV") as web:
        registries = [{"registryArn": web["arn"], "containerName": "main", "containerPort": 8000}]
        with cloud.service(definition, count=2, serviceRegistries=registries):
            found = instances(cloud, namespace, web["name"], 2)
            host = f"{web['name']}.{namespace['name']}"
            code, lines = cloud.run_code(
                f"{ASK}\nfound = records({host!r}, 33)\n"
                "print(json.dumps([[*item, records(item[3], 1)] for item in found]))"
            )

            assert code == 0, lines
            assert json.loads(lines[0]) == sorted(
                [1, 1, 8000, f"{item['InstanceId']}.{host}", [item["Attributes"]["AWS_INSTANCE_IPV4"]]]
                for item in found
            )
            assert {item["Attributes"]["AWS_INSTANCE_PORT"] for item in found} == {"8000"}


def test_a_task_is_unhealthy_until_its_containers_say_otherwise(
    cloud: Cloud, namespace: dict[str, str], registry: Make
) -> None:
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_DiscoverInstances.html
    check = {"command": ["CMD-SHELL", "test -e /tmp/well"], "interval": 5, "retries": 10, "startPeriod": 60}
    code = "import time; time.sleep(4); open('/tmp/well', 'w'); time.sleep(600)"
    sick = cloud.task_definition(cloud.container("main", "run", code, healthCheck=check, stopTimeout=2))
    with (
        registry("A", HealthCheckCustomConfig={"FailureThreshold": 1}) as web,
        cloud.service(sick, serviceRegistries=[{"registryArn": web["arn"]}]),
    ):
        (instance,) = instances(cloud, namespace, web["name"], 1, HealthStatus="UNHEALTHY")
        assert instance["HealthStatus"] == "UNHEALTHY"
        (instance,) = instances(cloud, namespace, web["name"], 1, HealthStatus="HEALTHY")
        assert instance["HealthStatus"] == "HEALTHY"
