"""Containers on a network of their own, without LocalStack; all of them go at the end."""

import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from docker import DockerClient
from docker.errors import DockerException
from docker.models.containers import Container

LABEL = "kf-airflow.tests"


class PlainContainers:
    """A Docker network, and containers in it that find one another by name.

    Args:
        client: The engine.
    """

    def __init__(self, client: DockerClient) -> None:
        self.client = client
        self.id = uuid4().hex[:8]
        self.network = client.networks.create(f"kf-airflow-tests-{self.id}", labels={LABEL: self.id})
        self.all: list[Container] = []

    def start(
        self,
        name: str,
        image: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        files: Mapping[str, bytes] | None = None,
        port: int | None = None,
        **options: Any,
    ) -> Container:
        """Starts a container.

        Args:
            name: What the others find it by.
            image: The image.
            command: What it runs.
            environment: Its variables. None if left out.
            files: What is put into it first, by absolute path. Nothing if left out.
            port: What it serves, to be reached from this machine; see `address`. Nothing if left out.
            options: Further ones of Docker's.
        """
        container = self.client.containers.create(
            image,
            list(command),
            name=f"kf-airflow-tests-{self.id}-{name}-{len(self.all)}",
            environment=dict(environment or {}),
            ports=on_loopback(port) if port else None,
            labels={LABEL: self.id},
            network=self.network.name,
            **options,
        )
        self.all.append(container)
        self.network.disconnect(container)
        self.network.connect(container, aliases=[name])
        for path, content in (files or {}).items():
            folder, _, file = path.rpartition("/")
            container.put_archive(folder, _archive(file, content))
        container.start()
        return container

    @property
    def gateway(self) -> str:
        """The address at which the containers reach this machine."""
        self.network.reload()
        return str(self.network.attrs["IPAM"]["Config"][0]["Gateway"])

    def remove(self, container: Container) -> None:
        """Kills a container and removes it."""
        container.remove(force=True, v=True)
        self.all.remove(container)

    def pause(self) -> None:
        """Stops the time of all that run."""
        for container in self._in_state("running"):
            container.pause()

    def resume(self) -> None:
        """Lets the time of all go on."""
        for container in self._in_state("paused"):
            container.unpause()

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Lets the time of all go on, for a while."""
        self.resume()
        try:
            yield
        finally:
            self.pause()

    def close(self) -> None:
        """Removes all of it."""
        for container in reversed(self.all):
            container.remove(force=True, v=True)
        self.network.remove()

    def _in_state(self, state: str) -> list[Container]:
        for container in self.all:
            container.reload()
        return [container for container in self.all if container.status == state]

    def last_words(self, lines: int = 60) -> str:
        """What explains a failure: the end of what each container said."""
        parts = []
        for container in self.all:
            try:
                container.reload()
                said = container.logs(tail=lines).decode(errors="replace")
            except DockerException as error:
                said = str(error)
            parts.append(f"===== {container.name}: {container.status}\n{said}")
        return "\n".join(parts)


def on_loopback(port: int) -> dict[str, Any]:
    """Docker's option `ports` for one that only this machine reaches; see `address`."""
    return {f"{port}/tcp": ("127.0.0.1", None)}


def address(container: Container, port: int) -> str:
    """Where a port of a container is reached from this machine, as `<host>:<port>`.

    Raises:
        ConnectionError: It does not run, or is just being restarted.
    """
    container.reload()
    bindings = container.ports.get(f"{port}/tcp")
    if not bindings:
        raise ConnectionError(f"{container.name} is {container.status}")
    binding = bindings[0]
    return f"{binding['HostIp']}:{binding['HostPort']}"


def _archive(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o644
        archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()
