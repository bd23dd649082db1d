"""Namespaces and services of Cloud Map, for the contract suite."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from contract import Cloud, unique, wait_for

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


@contextmanager
def private_namespace(cloud: Cloud) -> Iterator[dict[str, str]]:
    """Makes a private DNS namespace in the network."""
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


@contextmanager
def registry_of(
    cloud: Cloud, namespace: dict[str, str], *types: str, **options: Any
) -> Iterator[dict[str, str]]:
    """Makes a service of Cloud Map, and deletes it when nothing is registered any more."""
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
