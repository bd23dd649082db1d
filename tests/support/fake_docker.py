"""A Docker engine in memory, for controllers: containers start at once, commands in them answer as told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from localstack_dataplane.config import LABEL_PREFIX
from localstack_dataplane.containers import Container, DockerError


class FakeDocker:
    """Stands in for `DockerHost` in the tests of controllers.

    Attributes:
        found: Containers by id.
        files: Container id -> path -> content.
        commands: What was run in containers, as (container name, argv).
        exit_codes: Program -> exit code; 0 for others.
        outputs: Program -> what it prints.
        taken_ports: Ports of the host that cannot be bound.
    """

    def __init__(self) -> None:
        self.found: dict[str, Container] = {}
        self.files: dict[str, dict[str, bytes]] = {}
        self.mounted: dict[str, dict[str, str]] = {}
        self.ports: dict[str, dict[int, int | None]] = {}
        self.volume_labels: dict[str, dict[str, str]] = {}
        self.commands: list[tuple[str, list[str]]] = []
        self.exit_codes: dict[str, int] = {}
        self.outputs: dict[str, str] = {}
        self.taken_ports: set[int] = set()
        self._made = 0

    def containers(self, kind: str | None = None, resource: str | None = None) -> list[Container]:
        """As DockerHost's."""
        return [
            container
            for container in self.found.values()
            if kind in {None, container.label("kind")} and resource in {None, container.label("resource")}
        ]

    def named(self, name: str) -> Container:
        """The container of that name."""
        return next(container for container in self.found.values() if container.name == name)

    def run(
        self,
        image: str,
        *,
        name: str,
        labels: Mapping[str, str],
        files: Mapping[str, tuple[bytes, int]] | None = None,
        volumes: Mapping[str, str] | None = None,
        ports: Mapping[int, int | None] | None = None,
        **_: Any,
    ) -> Container:
        """As DockerHost's."""
        if self.taken_ports & set((ports or {}).values()):
            raise DockerError("port is already allocated")
        if any(container.name == name for container in self.found.values()):
            raise DockerError(f"the name {name} is in use")
        self._made += 1
        container = Container(
            id=f"id{self._made}",
            name=name,
            status="running",
            address=f"10.0.0.{self._made}",
            labels=dict(labels),
            image=image,
            started_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self._made),
        )
        self.found[container.id] = container
        self.files[container.id] = {path: content for path, (content, _) in (files or {}).items()}
        self.mounted[container.id] = dict(volumes or {})
        self.ports[container.id] = dict(ports or {})
        return container

    def container(self, container_id: str) -> Container:
        """As DockerHost's."""
        if container_id not in self.found:
            raise DockerError(f"there is no container {container_id}")
        return self.found[container_id]

    def rename(self, container_id: str, name: str) -> None:
        """As DockerHost's."""
        self.found[container_id] = replace(self.container(container_id), name=name)

    def put_files(self, container_id: str, files: Mapping[str, tuple[bytes, int]]) -> None:
        """As DockerHost's."""
        self.files[container_id] |= {path: content for path, (content, _) in files.items()}

    def exec(self, container_id: str, argv: Sequence[str]) -> tuple[int, str]:
        """As DockerHost's."""
        self.commands.append((self.found[container_id].name, list(argv)))
        code = self.exit_codes.get(argv[0], 0)
        return code, "it does not work" if code else self.outputs.get(argv[0], "")

    def kill(self, name: str) -> None:
        """The main process of a container ends."""
        container = self.named(name)
        self.found[container.id] = replace(container, status="exited", exit_code=137, address="")

    def logs(self, container_id: str, since: int = 0) -> list[bytes]:
        """As DockerHost's."""
        return [b"last words"]

    def stop(self, container_id: str, timeout: int) -> None:
        """As DockerHost's."""
        self.found[container_id] = replace(self.found[container_id], status="exited", exit_code=0, address="")

    def remove(self, container_id: str) -> None:
        """As DockerHost's."""
        self.found.pop(container_id, None)

    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """As DockerHost's."""
        self.volume_labels.setdefault(name, dict(labels))

    def remove_volume(self, name: str) -> None:
        """As DockerHost's."""
        self.volume_labels.pop(name, None)

    def volumes(self, kind: str | None = None) -> dict[str, dict[str, str]]:
        """As DockerHost's."""
        return {
            name: labels
            for name, labels in self.volume_labels.items()
            if kind in {None, labels.get(f"{LABEL_PREFIX}.kind")}
        }
