"""The LocalStack container and its network: the AWS that the local system is deployed to."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker
import requests
from docker.errors import NotFound
from docker.models.containers import Container
from docker.types import EndpointConfig

from kf_airflow_local import engine, host, network
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.progress import wait_until
from kf_airflow_local.workspace import INSTANCE, Workspace

LABEL = "localstack-dataplane"
NAME = f"{INSTANCE}-localstack"
CA_DIRECTORY = "/var/lib/dataplane/ca"
HEALTH_SECONDS = 120
NEEDED_SERVICES = {
    "application-autoscaling",
    "ec2",
    "ecs",
    "elasticache",
    "elbv2",
    "iam",
    "logs",
    "rds",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "sts",
}


@dataclass(frozen=True)
class Ports:
    """The ports of 127.0.0.1 that the local system is reached at.

    Args:
        api: LocalStack's API.
        webserver: Airflow's UI: the load balancer's listener on port 80.
    """

    api: int
    webserver: int

    @classmethod
    def of(cls, endpoint_url: str, base_url: str) -> "Ports":
        """Read the ports from the two addresses in config/local.toml."""
        return cls(_port(endpoint_url), _port(base_url))


def configuration(
    image: str, backing_image: str, ports: Ports, time_scale: str | None = None
) -> dict[str, Any]:
    """Return what decides how the container runs: when it changes, the container is made again.

    Args:
        image: LocalStack with the data plane.
        backing_image: What the data plane runs databases, caches and proxies of.
        ports: Where it is to be reached.
        time_scale: How much shorter the waits of AWS are, such as ``60``; not at all if left out.
    """
    return {
        "image": image,
        "environment": {
            "DATAPLANE_INSTANCE": INSTANCE,
            "DATAPLANE_ADDRESS": network.ADDRESS,
            "DATAPLANE_BACKING_IMAGE": backing_image,
            "DATAPLANE_CA_DIRECTORY": CA_DIRECTORY,
            "DATAPLANE_PUBLISH": f"80={ports.webserver}",
            "DATAPLANE_TIME_SCALE": time_scale or "1",
        },
        "ports": {"4566/tcp": ("127.0.0.1", ports.api)},
    }


def current(client: docker.DockerClient) -> Container | None:
    """Return the LocalStack container, or None where there is none."""
    try:
        return client.containers.get(NAME)
    except NotFound:
        return None


def fingerprint(wanted: Mapping[str, Any]) -> str:
    """Return a short hash of a configuration."""
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()[:16]


def identity(container: Container) -> str:
    """Return what changes when LocalStack is made anew and has forgotten everything; not at a restart."""
    return str(container.id)


def is_as_wanted(container: Container, wanted: Mapping[str, Any]) -> bool:
    """Tell whether a container runs, and runs that configuration."""
    return container.status == "running" and container.labels.get(f"{LABEL}.configuration") == fingerprint(
        wanted
    )


def require_own(container: Container, workspace: Workspace) -> None:
    """Make sure that a LocalStack was started from this repository: there is one local system on a machine.

    One whose repository is no longer there has no owner.

    Raises:
        LauncherError: When it was started from another clone, which is not to lose it unasked.
    """
    owner = container.labels.get(f"{LABEL}.workspace", str(workspace.root))
    if owner != str(workspace.root) and Path(owner).is_dir():
        raise LauncherError(f"The local system of {owner} runs: take it down first, by nox -s down.")


def require_free_ports(ports: Ports) -> None:
    """Make sure that nothing else listens where the local system is to be reached.

    Raises:
        LauncherError: When something does.
    """
    host.require_free_port(ports.api, "change aws.endpoint_url in config/local.toml")
    host.require_free_port(ports.webserver, "change base_url in config/local.toml")


def start(client: docker.DockerClient, wanted: Mapping[str, Any], workspace: Workspace) -> Container:
    """Make the network and start LocalStack in it.

    Args:
        client: The engine.
        wanted: The configuration to run.
        workspace: Where the local certificate authority is.

    Returns:
        The container, which need not answer yet.
    """
    labels = {f"{LABEL}.instance": INSTANCE}
    network.make(client, labels)
    container = client.containers.create(
        wanted["image"],
        name=NAME,
        labels={
            **labels,
            f"{LABEL}.kind": "localstack",
            f"{LABEL}.resource": "localstack",
            f"{LABEL}.configuration": fingerprint(wanted),
            f"{LABEL}.workspace": str(workspace.root),
        },
        environment=wanted["environment"],
        ports=wanted["ports"],
        volumes={_socket(): {"bind": "/var/run/docker.sock", "mode": "rw"}},
        network=INSTANCE,
        networking_config={
            INSTANCE: EndpointConfig(version=client.api.api_version, ipv4_address=network.ADDRESS)
        },
    )
    # Copied, not mounted: an engine in a virtual machine need not see this host's files.
    container.put_archive("/", _archive(CA_DIRECTORY, workspace.certificates))
    container.start()
    container.reload()
    return container


def wait_until_healthy(container: Container, ports: Ports, say: Callable[[str], None]) -> None:
    """Wait until LocalStack serves everything that the stack needs.

    Raises:
        LauncherError: When it ends or takes too long, with what it said last.
    """

    def look() -> str:
        container.reload()
        if container.status != "running":
            return str(container.status)
        missing = NEEDED_SERVICES - available_services(ports)
        return f"waiting for {', '.join(sorted(missing))}" if missing else ""

    def give_up(state: str) -> str | None:
        if state.startswith("waiting"):
            return None
        end = container.logs(tail=15).decode(errors="replace")
        return f"the container ended ({state}):\n{end}"

    wait_until(
        "LocalStack",
        look,
        lambda state: not state,
        timeout_seconds=HEALTH_SECONDS,
        on_change=say,
        give_up=give_up,
    )


def available_services(ports: Ports) -> set[str]:
    """Return the services that LocalStack says it serves; none when it does not answer."""
    try:
        answer = requests.get(f"http://127.0.0.1:{ports.api}/_localstack/health", timeout=5)
        services: dict[str, str] = answer.json()["services"]
    except (requests.RequestException, ValueError, KeyError):
        return set()
    return {name for name, state in services.items() if state in {"available", "running"}}


def _socket() -> str:
    """Path of the engine's socket on the engine's own host."""
    address = urlsplit(engine.address())
    return address.path if address.scheme == "unix" and Path("/proc").is_dir() else "/var/run/docker.sock"


def _port(url: str) -> int:
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _archive(directory: str, source: Path) -> io.BytesIO:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in ("ca.pem", "ca-key.pem"):
            entry = tarfile.TarInfo(f"{directory.lstrip('/')}/{name}")
            content = (source / name).read_bytes()
            entry.size, entry.mode = len(content), 0o600
            archive.addfile(entry, io.BytesIO(content))
    stream.seek(0)
    return stream
