"""The options of `DockerHost.run`, and what Docker is asked for each of them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from docker.types import Healthcheck, Ulimit

from localstack_dataplane.config import Config
from localstack_dataplane.containers import HealthCheck

_SECOND = 1_000_000_000
_MIB = 1024 * 1024


class RunOptions(TypedDict, total=False):
    """What a container may be given; every one may be left out."""

    command: Sequence[str] | None
    """The image's own if left out."""
    entrypoint: Sequence[str] | None
    """The image's own if left out; an empty sequence removes it."""
    environment: Mapping[str, str] | None
    """Added to the image's."""
    network: bool | str
    """True (if left out): the data plane's network; False: none; a container id: share its network."""
    ports: Mapping[int, int | None] | None
    """Container port -> port on the host's loopback address (TCP); None is any that is free."""
    volumes: Mapping[str, str] | None
    """Volume name -> path; end the path with `:ro` for read-only."""
    files: Mapping[str, tuple[bytes, int]] | None
    """Absolute path -> content and mode; written as root before the start."""
    dns: bool
    """Whether names are asked of the data plane's DNS: yes if left out; a shared network has its own."""
    hostname: str | None
    """Docker's choice if left out."""
    user: str | None
    """The image's own if left out."""
    working_directory: str | None
    """The image's own if left out."""
    health_check: HealthCheck | None
    """The image's own if left out."""
    memory_mib: int | None
    """Hard limit, without swap; none if left out."""
    memory_reservation_mib: int | None
    """Soft limit; none if left out."""
    cpus: float | None
    """Limit in CPUs, at most those of the machine; none if left out."""
    ulimits: Mapping[str, tuple[int, int]] | None
    """Name -> soft and hard limit."""
    tmpfs: Mapping[str, str] | None
    """Path -> mount options."""
    init: bool
    """Whether a small init reaps zombies and forwards signals."""
    read_only: bool
    """Whether the root file system is read-only."""
    capabilities_added: Sequence[str]
    """Linux capabilities."""
    capabilities_dropped: Sequence[str]
    """Linux capabilities."""
    volumes_from: Sequence[str]
    """Containers whose volumes are mounted too."""
    shm_size_mib: int | None
    """Of /dev/shm; Docker's 64 MiB if left out."""


def host_arguments(config: Config, cpus: int, options: RunOptions) -> dict[str, Any]:
    """Arguments of Docker's HostConfig.

    Args:
        config: Names the network and the DNS server.
        cpus: How many the machine has.
        options: What the container is given.
    """
    network = options.get("network", True)
    arguments: dict[str, Any] = {
        "network_mode": _network_mode(config, network),
        "dns": [config.address] if options.get("dns", True) and network is True else None,
        "port_bindings": {port: ("127.0.0.1", host) for port, host in (options.get("ports") or {}).items()},
        "binds": [f"{volume}:{path}" for volume, path in (options.get("volumes") or {}).items()],
        "ulimits": [
            Ulimit(name=name, soft=soft, hard=hard)
            for name, (soft, hard) in (options.get("ulimits") or {}).items()
        ],
        "tmpfs": dict(options.get("tmpfs") or {}) or None,
        "init": options.get("init", False),
        "read_only": options.get("read_only", False),
        "cap_add": list(options.get("capabilities_added", ())) or None,
        "cap_drop": list(options.get("capabilities_dropped", ())) or None,
        "volumes_from": list(options.get("volumes_from", ())) or None,
    }
    for name, argument in (
        ("memory_mib", "mem_limit"),
        ("memory_mib", "memswap_limit"),
        ("memory_reservation_mib", "mem_reservation"),
        ("shm_size_mib", "shm_size"),
    ):
        size: Any = options.get(name)
        if size:
            arguments[argument] = size * _MIB
    limit = options.get("cpus")
    if limit:
        arguments["nano_cpus"] = int(min(limit, cpus) * _SECOND)
    return arguments


def container_arguments(options: RunOptions) -> dict[str, Any]:
    """Arguments of Docker's create call beside the HostConfig."""
    return {
        "command": _list(options.get("command")),
        "entrypoint": _list(options.get("entrypoint")),
        "environment": dict(options.get("environment") or {}),
        "ports": list(options.get("ports") or {}),
        # With the network of another container comes its host name.
        "hostname": None if isinstance(options.get("network"), str) else options.get("hostname"),
        "user": options.get("user"),
        "working_dir": options.get("working_directory"),
        "healthcheck": _health_check(options.get("health_check")),
    }


def _network_mode(config: Config, network: bool | str) -> str:
    if isinstance(network, str):
        return f"container:{network}"
    return config.instance if network else "none"


def _list(items: Sequence[str] | None) -> list[str] | None:
    return None if items is None else list(items)


def _health_check(check: HealthCheck | None) -> Healthcheck | None:
    if check is None:
        return None
    return Healthcheck(
        test=list(check.test),
        interval=int(check.interval * _SECOND),
        timeout=int(check.timeout * _SECOND),
        retries=check.retries,
        start_period=int(check.start_period * _SECOND),
    )
