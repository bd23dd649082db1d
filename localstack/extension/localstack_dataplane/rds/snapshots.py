"""The data of DB snapshots: volumes, filled and read by containers that end when they are done."""

import logging
from collections.abc import Collection
from dataclasses import dataclass

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError
from localstack_dataplane.docker_host import DockerHost

LOG = logging.getLogger(__name__)
VOLUME_KIND = "rds-snapshot"
COPY_KIND = "rds-copy"
_SNAPSHOT = "/var/lib/postgresql/snapshot"
_DATA = "/var/lib/postgresql/data"


@dataclass(frozen=True, kw_only=True)
class DbSnapshot:
    """A DB snapshot whose data is, or will be, in a volume.

    Attributes:
        data: Names the volume; copies of a snapshot have that of the original.
        source: ARN of the DB instance.
        status: As in DescribeDBSnapshots.
    """

    data: str
    source: str
    status: str


class SnapshotData:
    """Copies between the data of servers and that of snapshots. No call waits: the same one asks for the end.

    Args:
        config: Names the volumes.
        docker: Runs the copies.
    """

    def __init__(self, config: Config, docker: DockerHost) -> None:
        self._config, self._docker = config, docker

    def back_up(self, data: str, server: Container, port: int) -> bool:
        """Fill the volume of a snapshot from a running server; True when it is complete.

        Raises:
            DockerError: The copy failed; nothing of it is left.
        """
        volume = self._volume(data)
        try:
            return self._copy(data, ["postgres-back-up", str(port)], {volume: _SNAPSHOT}, network=server.id)
        except DockerError:
            self._docker.remove_volume(volume)
            raise

    def restore(self, data: str, arn: str, volume: str) -> bool:
        """Fill the volume of a new DB instance from that of a snapshot; True when it is complete."""
        volumes = {self._volume(data): f"{_SNAPSHOT}:ro", volume: _DATA}
        return self._copy(arn, ["postgres-restore"], volumes, network=False)

    def remove_unused(self, wanted: Collection[str | None]) -> None:
        """Remove the volumes of snapshots that are gone, and copies that nobody asks for the end of.

        Args:
            wanted: Data of the snapshots, and ARNs of the instances that are restored.
        """
        for copy in self._docker.containers(kind=COPY_KIND):
            if copy.label("resource") not in wanted:
                self._docker.remove(copy.id)
        for volume, labels in self._docker.volumes(kind=VOLUME_KIND).items():
            if labels.get("localstack-dataplane.resource") not in wanted:
                self._docker.remove_volume(volume)

    def _volume(self, data: str) -> str:
        name = f"{self._config.instance}-rds-snapshot-{data}"
        self._docker.ensure_volume(name, self._config.labels(VOLUME_KIND, data))
        return name

    def _copy(
        self, resource: str, command: list[str], volumes: dict[str, str], *, network: bool | str
    ) -> bool:
        found = self._docker.containers(kind=COPY_KIND, resource=resource)
        if not found:
            self._docker.run(
                self._config.backing_image,
                name=f"{self._config.instance}-rds-copy-{resource.rpartition(':')[2]}",
                labels=self._config.labels(COPY_KIND, resource),
                command=command,
                volumes=volumes,
                network=network,
            )
            return False
        copy = found[0]
        if not copy.exited:
            return False
        self._docker.remove(copy.id)
        if copy.exit_code:
            raise DockerError(f"{command[0]} for {resource} failed with exit code {copy.exit_code}.")
        return True
