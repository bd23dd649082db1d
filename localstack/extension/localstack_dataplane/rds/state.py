"""What the controller of RDS asks of the API's records, and what it remembers of a server."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from localstack_dataplane.containers import Container
from localstack_dataplane.rds.model import DbInstance
from localstack_dataplane.rds.snapshots import DbSnapshot


class RdsState(Protocol):
    """What the API recorded of DB instances and snapshots."""

    def instances(self) -> list[DbInstance]:
        """All with the PostgreSQL engine, those being deleted too."""
        ...

    def snapshots(self) -> list[DbSnapshot]:
        """All that have data, or will have."""
        ...

    def set_status(self, arn: str, status: str) -> None:
        """Write the status back."""
        ...

    def set_snapshot_status(self, data: str, status: str) -> None:
        """Write the status of the snapshots with these data back."""
        ...

    def set_parameters_in_sync(self, arn: str, *, in_sync: bool) -> None:
        """Whether the server runs with all that its parameter group says."""
        ...

    def started(self, arn: str) -> None:
        """The server was started, by a reboot too: what waited for that is done."""
        ...

    def begin_maintenance(self) -> None:
        """Make the modifications whose maintenance window it is."""
        ...

    def forget(self, arn: str) -> None:
        """The instance is gone: the API no longer knows it."""
        ...


@dataclass
class Applied:
    """What a server was told, by the digest of it, and the parameters it runs with."""

    container_id: str
    started_at: datetime | None
    address: str
    parameters: Mapping[str, str]
    ready: bool = False
    settings: str = ""
    credentials: str = ""

    def is_of(self, container: Container) -> bool:
        """Whether it was this container, and this start of it."""
        return (self.container_id, self.started_at) == (container.id, container.started_at)
