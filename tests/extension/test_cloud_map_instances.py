"""Cloud Map: what is registered by hand, and what is refused.

https://docs.aws.amazon.com/cloud-map/latest/api/API_RegisterInstance.html
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from contract import Cloud, unique
from discovery import instances
from refusals import refused

Make = Callable[..., Any]


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
