"""Cloud Map: its names resolve to what is registered.

https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsRecord.html
https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsConfig.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from localstack_dataplane.names import Names

_MULTIVALUE_LIMIT = 8
"""An answer has at most so many values."""


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A registered instance.

    Attributes:
        id: Its id.
        address: AWS_INSTANCE_IPV4; empty if it has none.
        port: AWS_INSTANCE_PORT; None if it has none.
        healthy: Whether its health check, if there is one, says so.
    """

    id: str
    address: str = ""
    port: int | None = None
    healthy: bool = True


@dataclass(frozen=True, kw_only=True)
class DnsService:
    """A service of a namespace that DNS answers for.

    Attributes:
        host: Name of service and namespace.
        types: Types of its records.
        weighted: Whether an answer is one instance by chance; else it is up to eight.
        instances: What is registered.
    """

    host: str
    types: frozenset[str]
    weighted: bool = False
    instances: tuple[Instance, ...] = ()

    @property
    def answering(self) -> tuple[Instance, ...]:
        """The healthy instances; with weighted routing all of them if none is."""
        healthy = tuple(item for item in self.instances if item.healthy)
        return healthy or (self.instances if self.weighted else ())


@dataclass(frozen=True, kw_only=True)
class Records:
    """What DNS answers.

    Attributes:
        addresses: Host name -> values of A records.
        services: Host name -> port and target of SRV records.
        limits: Host name -> how many values an answer has at most.
    """

    addresses: dict[str, list[str]] = field(default_factory=dict)
    services: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)


def records(services: Iterable[DnsService]) -> Records:
    """The records of services."""
    found = Records()
    for service in services:
        addresses = found.addresses.setdefault(service.host, [])
        found.limits[service.host] = 1 if service.weighted else _MULTIVALUE_LIMIT
        if "A" in service.types:
            addresses += [item.address for item in service.answering if item.address]
        if "SRV" in service.types:
            ports = found.services.setdefault(service.host, [])
            for item in service.answering:
                target = f"{item.id}.{service.host}"
                if item.address:
                    found.addresses[target] = [item.address]
                if item.port is not None:
                    ports.append((item.port, target))
    return found


class CloudMapState(Protocol):
    """What is needed of Cloud Map's records."""

    def dns_services(self) -> list[DnsService]:
        """Every service that DNS answers for."""
        ...


class CloudMapController:
    """Publishes the names of Cloud Map.

    Args:
        names: What DNS answers from.
        state: Cloud Map's records.
    """

    name = "cloud-map"

    def __init__(self, names: Names, state: CloudMapState) -> None:
        self._names, self._state = names, state

    def reconcile(self) -> None:
        """One pass."""
        found = records(self._state.dns_services())
        self._names.publish(self.name, found.addresses, services=found.services, limits=found.limits)
