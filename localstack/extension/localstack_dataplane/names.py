"""The host names that DNS answers."""

import threading
from collections.abc import Iterable, Mapping


class Names:
    """Table from host name to addresses, safe to use from several threads.

    Each owner (a controller) publishes its whole table at once, so that a name it no longer mentions is gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tables: dict[str, dict[str, tuple[str, ...]]] = {}

    def publish(self, owner: str, table: Mapping[str, Iterable[str]]) -> None:
        """Replace everything `owner` said before.

        Args:
            owner: Name of the controller.
            table: Host name -> IPv4 addresses. A name without address is known but does not resolve: it is
                not asked of the resolver upstream.
        """
        normal = {_normal(host): tuple(addresses) for host, addresses in table.items()}
        with self._lock:
            self._tables[owner] = normal

    def resolve(self, host: str) -> tuple[str, ...] | None:
        """Addresses of a host name; None if nobody published it.

        If several owners publish the name, their addresses are joined in the order of the owners' names.
        """
        host = _normal(host)
        with self._lock:
            found = [
                self._tables[owner][host] for owner in sorted(self._tables) if host in self._tables[owner]
            ]
        if not found:
            return None
        return tuple(dict.fromkeys(address for addresses in found for address in addresses))


def _normal(host: str) -> str:
    return host.rstrip(".").lower()
