"""Cloud Map: its names resolve to what is registered."""

from typing import Protocol

from localstack_dataplane.names import Names


class CloudMapState(Protocol):
    """What is needed of Cloud Map's records."""

    def hosts(self) -> dict[str, list[str]]:
        """Host name -> addresses of its healthy instances."""
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
        self._names.publish(self.name, self._state.hosts())
