"""Where the data plane runs, read from the environment of the LocalStack container."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from pathlib import Path

LABEL_PREFIX = "localstack-dataplane"
"""Every container, volume and network made here carries labels that start with it."""


class ConfigurationError(ValueError):
    """A setting of the data plane is missing or malformed."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of one data plane.

    Attributes:
        instance: Name of this local system, and of its Docker network.
        address: Address of the LocalStack container in that network. DNS and metadata are served there.
        backing_image: Image with PostgreSQL, Redis, HAProxy and `sleep`.
        ca_directory: Directory with `ca.pem` and `ca-key.pem`.
        publish: Listener port of a load balancer -> port on the host's loopback address.
        edge_port: Port of LocalStack's own API.
        time_scale: How much shorter the waits of AWS are that nobody works in, such as a Spot notice.
    """

    instance: str
    address: str
    backing_image: str
    ca_directory: Path = Path("/var/lib/dataplane/ca")
    publish: Mapping[int, int] = field(default_factory=dict)
    edge_port: int = 4566
    time_scale: float = 1

    def scaled(self, seconds: float) -> float:
        """How long a wait of AWS's lasts here, in seconds.

        Only for what passes without anybody working in it (notices, cooldowns, periods of evaluation): work
        takes the time it takes, and so does what is given to it, such as `stopTimeout` or task protection.
        """
        return seconds / self.time_scale

    @property
    def endpoint_url(self) -> str:
        """Where containers reach the AWS API."""
        return f"http://{self.address}:{self.edge_port}"

    @property
    def instance_label(self) -> dict[str, str]:
        """The label that everything of this data plane carries."""
        return {f"{LABEL_PREFIX}.instance": self.instance}

    def labels(self, kind: str, resource: str, **extra: str) -> dict[str, str]:
        """Labels of one container or volume.

        Args:
            kind: What it is, such as `rds` or `ecs-container`.
            resource: ARN or id of the AWS resource it belongs to.
            **extra: Further labels, such as `task="0a1b"`.
        """
        labels = {"kind": kind, "resource": resource, **extra}
        return self.instance_label | {f"{LABEL_PREFIX}.{key}": value for key, value in labels.items()}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Config":
        """Read the `DATAPLANE_*` variables.

        Raises:
            ConfigurationError: One is missing or malformed; the message names it.
        """
        return cls(
            instance=_required(environment, "DATAPLANE_INSTANCE"),
            address=_address(_required(environment, "DATAPLANE_ADDRESS")),
            backing_image=_required(environment, "DATAPLANE_BACKING_IMAGE"),
            ca_directory=Path(environment.get("DATAPLANE_CA_DIRECTORY", "/var/lib/dataplane/ca")),
            publish=_publish(environment.get("DATAPLANE_PUBLISH", "")),
            time_scale=_time_scale(environment.get("DATAPLANE_TIME_SCALE") or "1"),
        )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name} is not set: give it to the LocalStack container.")
    return value


def _address(value: str) -> str:
    try:
        return str(IPv4Address(value))
    except AddressValueError as error:
        raise ConfigurationError(f"DATAPLANE_ADDRESS is {value!r}, not an IPv4 address.") from error


def _publish(value: str) -> dict[int, int]:
    ports: dict[int, int] = {}
    for pair in filter(None, (part.strip() for part in value.split(","))):
        listener, separator, host = pair.partition("=")
        if not (separator and listener.isdecimal() and host.isdecimal()):
            raise ConfigurationError(
                f"DATAPLANE_PUBLISH has {pair!r}: write <listener port>=<host port>, such as 80=8080."
            )
        ports[int(listener)] = int(host)
    return ports


def _time_scale(value: str) -> float:
    try:
        scale = float(value)
    except ValueError:
        scale = 0.0
    if not 0 < scale < math.inf:
        raise ConfigurationError(f"DATAPLANE_TIME_SCALE is {value!r}: write a number above 0, such as 60.")
    return scale
