"""Cloud Map: the names of tasks and of what is registered by hand.

https://docs.aws.amazon.com/cloud-map/latest/dg/what-is-cloud-map.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from contract import Cloud, unique
from waiting import wait_for

# Asks the resolver of the network, in Python alone: `records(name, 33)` are SRV records, as [port, target].
ASK = """
import json, random, socket, struct

def name_at(data, place):
    words = []
    while data[place]:
        if data[place] >= 192:
            return words + name_at(data, (data[place] & 63) << 8 | data[place + 1])[0], place + 2
        words.append(data[place + 1:place + 1 + data[place]].decode())
        place += 1 + data[place]
    return words, place + 1

def records(name, kind):
    server = next(line.split()[1] for line in open("/etc/resolv.conf") if line.startswith("nameserver"))
    asked = b"".join(bytes([len(word)]) + word.encode() for word in name.split(".")) + bytes(1)
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.settimeout(5)
    link.sendto(struct.pack(">6H", random.randrange(65536), 256, 1, 0, 0, 0) + asked
                + struct.pack(">2H", kind, 1), (server, 53))
    data = link.recv(65536)
    answers, place, found = struct.unpack_from(">H", data, 6)[0], 16 + len(asked), []
    for _ in range(answers):
        place = name_at(data, place)[1]
        size = struct.unpack_from(">H", data, place + 8)[0]
        place += 10
        if kind == 33:
            priority, weight, port = struct.unpack_from(">3H", data, place)
            found.append([priority, weight, port, ".".join(name_at(data, place + 6)[0])])
        else:
            found.append(socket.inet_ntoa(data[place:place + 4]))
        place += size
    return sorted(found)
"""


@pytest.fixture(scope="module")
def namespace(cloud: Cloud) -> Iterator[dict[str, str]]:
    """A private DNS namespace of the network."""
    client, name = cloud.client("servicediscovery"), f"{unique('contract')}.internal"
    operation = client.create_private_dns_namespace(Name=name, Vpc=cloud.network["vpc"])["OperationId"]
    made = wait_for(
        "the namespace is made",
        lambda: client.get_operation(OperationId=operation)["Operation"],
        lambda found: found["Status"] == "SUCCESS",
        timeout_seconds=180,
    )
    id_ = made["Targets"]["NAMESPACE"]
    yield {"id": id_, "name": name}
    client.delete_namespace(Id=id_)


Make = Callable[..., Any]


@pytest.fixture
def registry(cloud: Cloud, namespace: dict[str, str]) -> Make:
    """Makes a service of Cloud Map, and deletes it when nothing is registered any more."""

    @contextmanager
    def make(*types: str, **options: Any) -> Iterator[dict[str, str]]:
        client, name = cloud.client("servicediscovery"), unique("web")
        dns = {"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": kind, "TTL": 5} for kind in types]}
        service = client.create_service(Name=name, NamespaceId=namespace["id"], DnsConfig=dns, **options)[
            "Service"
        ]
        try:
            yield {"id": service["Id"], "arn": service["Arn"], "name": name}
        finally:
            for instance in client.list_instances(ServiceId=service["Id"])["Instances"]:
                if "ECS_CLUSTER_NAME" not in instance["Attributes"]:
                    client.deregister_instance(ServiceId=service["Id"], InstanceId=instance["Id"])
            wait_for(
                "nothing is registered",
                lambda: client.list_instances(ServiceId=service["Id"])["Instances"],
                lambda found: not found,
                timeout_seconds=60,
            )
            client.delete_service(Id=service["Id"])

    return make


@pytest.fixture(scope="module")
def definition(cloud: Cloud) -> str:
    """A task that listens on 8000."""
    return cloud.task_definition(
        cloud.container("main", "serve", stopTimeout=2, portMappings=[{"containerPort": 8000}])
    )


def discovered(cloud: Cloud, namespace: dict[str, str], name: str, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.client("servicediscovery").discover_instances(
        NamespaceName=namespace["name"], ServiceName=name, **filters
    )["Instances"]
    return found


def instances(
    cloud: Cloud, namespace: dict[str, str], name: str, count: int, **filters: Any
) -> list[dict[str, Any]]:
    """Waits for a number of instances."""
    return wait_for(
        f"{count} instances are found",
        lambda: discovered(cloud, namespace, name, **filters),
        lambda found: len(found) == count,
        timeout_seconds=60,
        interval_seconds=0.25,
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


# What is registered by hand. https://docs.aws.amazon.com/cloud-map/latest/api/API_RegisterInstance.html


@pytest.fixture
def by_hand(cloud: Cloud, registry: Make) -> Iterator[Any]:
    """A service with custom health, and a function that registers an instance."""
    client = cloud.client("servicediscovery")
    with registry("A", HealthCheckCustomConfig={"FailureThreshold": 1}) as web:

        def register(name: str, address: str, **attributes: str) -> None:
            client.register_instance(
                ServiceId=web["id"],
                InstanceId=name,
                Attributes={"AWS_INSTANCE_IPV4": address, **attributes},
            )

        yield {**web, "register": register}


def test_instances_are_found_by_their_attributes(
    cloud: Cloud, namespace: dict[str, str], by_hand: Any
) -> None:
    by_hand["register"]("one", "10.77.0.201", color="red")
    by_hand["register"]("two", "10.77.0.202", color="blue")
    (found,) = instances(cloud, namespace, by_hand["name"], 1, QueryParameters={"color": "blue"})

    assert (found["InstanceId"], found["Attributes"]["AWS_INSTANCE_IPV4"]) == ("two", "10.77.0.202")


def test_registering_again_changes_an_instance(cloud: Cloud, namespace: dict[str, str], by_hand: Any) -> None:
    by_hand["register"]("one", "10.77.0.201")
    by_hand["register"]("one", "10.77.0.203")

    (found,) = instances(cloud, namespace, by_hand["name"], 1)
    assert found["Attributes"]["AWS_INSTANCE_IPV4"] == "10.77.0.203"


def test_where_none_is_healthy_all_are_found_if_asked_so(
    cloud: Cloud, namespace: dict[str, str], by_hand: Any
) -> None:
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_DiscoverInstances.html
    by_hand["register"]("one", "10.77.0.201", AWS_INIT_HEALTH_STATUS="UNHEALTHY")

    instances(cloud, namespace, by_hand["name"], 1, HealthStatus="HEALTHY_OR_ELSE_ALL")
    assert instances(cloud, namespace, by_hand["name"], 0, HealthStatus="HEALTHY") == []


def refused(call: Callable[..., Any], **request: Any) -> str:
    with pytest.raises(Exception, match=r".") as caught:
        call(**request)
    response = getattr(caught.value, "response", None)
    assert response is not None, caught.value
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    code: str = response["Error"]["Code"]
    return code


def test_what_an_instance_lacks_is_refused(cloud: Cloud, registry: Make) -> None:
    register = cloud.client("servicediscovery").register_instance
    with registry("SRV") as web:
        request = {"ServiceId": web["id"], "InstanceId": "one"}
        assert refused(register, **request, Attributes={"AWS_INSTANCE_IPV4": "10.77.0.201"}) == "InvalidInput"


def test_what_does_not_exist_is_not_found(cloud: Cloud, namespace: dict[str, str], by_hand: Any) -> None:
    client, nobody = cloud.client("servicediscovery"), {"InstanceId": "nobody"}
    assert [
        refused(client.get_namespace, Id="ns-aaaaaaaaaaaaaaaa"),
        refused(client.create_service, Name="web", NamespaceId="ns-aaaaaaaaaaaaaaaa"),
        refused(client.delete_service, Id="srv-aaaaaaaaaaaaaaaa"),
        refused(client.discover_instances, NamespaceName=namespace["name"], ServiceName=unique("none")),
        refused(client.deregister_instance, ServiceId=by_hand["id"], **nobody),
        refused(client.get_instance, ServiceId=by_hand["id"], **nobody),
    ] == [
        "NamespaceNotFound",
        "NamespaceNotFound",
        "ServiceNotFound",
        "ServiceNotFound",
        "InstanceNotFound",
        "InstanceNotFound",
    ]


def test_what_is_in_use_cannot_be_deleted(cloud: Cloud, namespace: dict[str, str], by_hand: Any) -> None:
    client = cloud.client("servicediscovery")
    by_hand["register"]("one", "10.77.0.201")
    assert [
        refused(client.delete_service, Id=by_hand["id"]),
        refused(client.delete_namespace, Id=namespace["id"]),
    ] == ["ResourceInUse", "ResourceInUse"]


def test_a_name_is_taken_once(cloud: Cloud, namespace: dict[str, str], by_hand: Any) -> None:
    client = cloud.client("servicediscovery")
    call, request = client.create_service, {"Name": by_hand["name"], "NamespaceId": namespace["id"]}
    assert refused(call, **request) == "ServiceAlreadyExists"


def test_the_health_of_a_service_without_custom_health_cannot_be_told(cloud: Cloud, registry: Make) -> None:
    # https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateInstanceCustomHealthStatus.html
    client = cloud.client("servicediscovery")
    with registry("A") as web:
        client.register_instance(
            ServiceId=web["id"], InstanceId="one", Attributes={"AWS_INSTANCE_IPV4": "10.77.0.201"}
        )
        request = {"ServiceId": web["id"], "InstanceId": "one", "Status": "UNHEALTHY"}
        assert refused(client.update_instance_custom_health_status, **request) == "CustomHealthNotFound"
