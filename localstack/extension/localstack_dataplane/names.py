"""The host names that DNS answers."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Service = tuple[int, str]
"""Port and target of an SRV record."""


@dataclass(frozen=True, kw_only=True)
class _Table:
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    services: Mapping[str, tuple[Service, ...]] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)


class Names:
    """Table from host name to addresses, safe to use from several threads.

    Each owner (a controller) publishes its whole table at once, so that a name it no longer mentions is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: dict[str, _Table] = {}

    def publish(
        self,
        owner: str,
        table: Mapping[str, Iterable[str]],
        *,
        services: Mapping[str, Iterable[Service]] | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> None:
        """Replace everything `owner` said before.

        Args:
            owner: Name of the controller.
            table: Host name -> IPv4 addresses. A name without address is known but does not resolve: it is
                not asked of the resolver upstream.
            services: Host name -> SRV records; none if left out.
            limits: Host name -> how many values an answer has at most; all if left out.
        """
        made = _Table(
            addresses={_normal(host): tuple(addresses) for host, addresses in table.items()},
            services={_normal(host): tuple(found) for host, found in (services or {}).items()},
            limits={_normal(host): limit for host, limit in (limits or {}).items()},
        )
        with self._lock:
            self._tables[owner] = made

    def resolve(self, host: str) -> tuple[str, ...] | None:
        """Addresses of a host name; None if nobody published it.

        If several owners publish the name, their addresses are joined in the order of the owners' names.
        """
        host = _normal(host)
        found = [table.addresses[host] for table in self._sorted() if host in table.addresses]
        if not found:
            return None
        return tuple(dict.fromkeys(address for addresses in found for address in addresses))

    def services(self, host: str) -> tuple[Service, ...]:
        """SRV records of a host name."""
        host = _normal(host)
        return tuple(item for table in self._sorted() for item in table.services.get(host, ()))

    def limit(self, host: str) -> int | None:
        """How many values an answer has at most; None for all."""
        host = _normal(host)
        return min((table.limits[host] for table in self._sorted() if host in table.limits), default=None)

    def _sorted(self) -> list[_Table]:
        with self._lock:
            return [self._tables[owner] for owner in sorted(self._tables)]


def _normal(host: str) -> str:
    return host.rstrip(".").lower()
