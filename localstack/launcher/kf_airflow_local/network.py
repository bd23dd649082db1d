"""The Docker network that the local AWS is in."""

import ipaddress

import docker
from docker.errors import APIError
from docker.types import IPAMConfig, IPAMPool

from kf_airflow_local.errors import LauncherError
from kf_airflow_local.workspace import INSTANCE

# The AWS SDKs take a task's credentials from 169.254.170.2 and from nowhere else.
SUBNET, ADDRESS = "169.254.170.0/24", "169.254.170.2"

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def make(client: docker.DockerClient, labels: dict[str, str]) -> None:
    """Make the network.

    Args:
        client: The engine.
        labels: Labels of the network.

    Raises:
        LauncherError: When another network has its addresses.
    """
    try:
        client.networks.create(
            INSTANCE,
            driver="bridge",
            labels=labels,
            ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=SUBNET)]),
        )
    except APIError as error:
        raise LauncherError(
            f"Docker cannot make the network {SUBNET}, the only one in which the AWS SDKs find a task's "
            f"credentials ({error.explanation}): remove the network that has it ({_overlapping(client)})."
        ) from error


def _overlapping(client: docker.DockerClient) -> str:
    """Name the networks that have addresses of ours."""
    wanted = ipaddress.ip_network(SUBNET)
    pools = [
        (str(network.name), pool["Subnet"])
        for network in client.networks.list()
        for pool in (network.attrs.get("IPAM") or {}).get("Config") or []
        if "Subnet" in pool
    ]
    names = [name for name, subnet in pools if _overlap(wanted, ipaddress.ip_network(subnet))]
    return ", ".join(names) or "docker network ls, ip route"


def _overlap(one: _Network, other: _Network) -> bool:
    return one.version == other.version and one.overlaps(other)
