"""The only module that talks to Docker."""

import contextlib
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Unpack

import docker
from docker.errors import APIError, ImageNotFound, NotFound
from requests import RequestException

from localstack_dataplane.config import LABEL_PREFIX, Config
from localstack_dataplane.containers import (
    Container,
    DockerError,
    ImageError,
    container_from,
    state_key,
)
from localstack_dataplane.file_archive import file_archive
from localstack_dataplane.run_options import RunOptions, container_arguments, host_arguments

CONFLICT = 409
"""Docker's answer when a name is in use, or a container is not in a state for what is asked."""


class DockerHost:
    """The Docker engine, limited to what carries the label of one data plane.

    Args:
        config: Names the instance; its network has the same name.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        # Log followers and waiting calls hold a connection each.
        self._api: Any = docker.APIClient(version="auto", max_pool_size=128, timeout=60)
        self._cpus = int(self._api.info()["NCPU"])
        self._details: dict[str, tuple[str, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def containers(self, kind: str | None = None, resource: str | None = None) -> list[Container]:
        """All containers of this data plane, stopped ones too, oldest first.

        Args:
            kind: Only those of this kind, such as `rds`; every kind if left out.
            resource: Only those of this ARN or id; every resource if left out.
        """
        labels = [f"{key}={value}" for key, value in self._config.instance_label.items()]
        labels += [f"{LABEL_PREFIX}.kind={kind}"] if kind else []
        labels += [f"{LABEL_PREFIX}.resource={resource}"] if resource else []
        summaries = self._api.containers(all=True, filters={"label": labels})
        found = []
        for summary in sorted(summaries, key=lambda item: item["Created"]):
            with contextlib.suppress(NotFound):  # removed since it was listed
                found.append(container_from(summary, self._state(summary), self._config.instance))
        return found

    def _state(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        """Times of a container; asked again only when it changed, for `inspect` is dear with many."""
        key = state_key(summary)
        if summary["State"] == "created":
            return {}  # no times yet; to ask for them would wait until it is started
        with self._lock:
            cached = self._details.get(summary["Id"])
        if cached and cached[0] == key:
            return cached[1]
        state: dict[str, Any] = self._api.inspect_container(summary["Id"])["State"]
        with self._lock:
            self._details[summary["Id"]] = (key, state)
        return state

    def inspect(self, container_id: str) -> dict[str, Any]:
        """All that Docker knows about a container.

        Raises:
            DockerError: There is no such container.
        """
        with _explained(f"inspect container {container_id[:12]}"):
            details: dict[str, Any] = self._api.inspect_container(container_id)
            return details

    def events(self) -> Iterator[str]:
        """Kinds of the containers of this data plane that start, exit or change health, as it happens."""
        labels = [f"{key}={value}" for key, value in self._config.instance_label.items()]
        filters = {
            "label": labels,
            "type": "container",
            "event": ["start", "die", "destroy", "health_status"],
        }
        for event in self._api.events(decode=True, filters=filters):
            self._forget(event["id"])
            yield event["Actor"]["Attributes"].get(f"{LABEL_PREFIX}.kind", "")

    def ensure_image(self, image: str) -> None:
        """Pull an image unless it is here.

        Raises:
            ImageError: It is not here and cannot be pulled.
        """
        try:
            self._api.inspect_image(image)
        except ImageNotFound:
            try:
                self._api.pull(
                    image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"
                )
            except APIError as error:
                raise ImageError(f"{image}: {error.explanation or error}") from error

    def run(
        self, image: str, *, name: str, labels: Mapping[str, str], **options: Unpack[RunOptions]
    ) -> Container:
        """Create a container, put files into it, and start it.

        Args:
            image: Pulled if it is not here.
            name: Docker's name; where something else has it, with a suffix.
            labels: From `Config.labels`.
            **options: See `RunOptions`.

        Raises:
            ImageError: The image cannot be had.
            DockerError: The container cannot be made or started; nothing of it is left.
        """
        self.ensure_image(image)
        with _explained(f"create container {name} of image {image}"):
            created = self._create(image, name, labels, options)
        files = options.get("files")
        try:
            if files:
                self.put_files(created["Id"], files)
            self.start(created["Id"])
            return self.container(created["Id"])
        except DockerError:
            self.remove(created["Id"])
            raise

    def _create(
        self, image: str, name: str, labels: Mapping[str, str], options: RunOptions
    ) -> dict[str, Any]:
        """Create a container, whoever has its name: a taken one would else be in the way at each pass."""

        def create(name: str) -> dict[str, Any]:
            created: dict[str, Any] = self._api.create_container(
                image,
                name=name,
                labels=dict(labels),
                host_config=self._api.create_host_config(**host_arguments(self._config, self._cpus, options)),
                **container_arguments(options),
            )
            return created

        try:
            return create(name)
        except APIError as error:
            if error.status_code != CONFLICT:
                raise
        # Of a call that Docker finished after we gave up on it: one of ours that nobody lists. What another
        # resource has (load balancers of one name in two regions) or Docker alone knows of is left alone.
        if self._is_ours(name, labels):
            self.remove(name)
        return create(f"{name}-{secrets.token_hex(3)}")

    def _is_ours(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether the container of that name stands for the very same resource."""
        try:
            held = self._api.inspect_container(name)["Config"]["Labels"] or {}
        except NotFound:
            return False
        keys = (f"{LABEL_PREFIX}.{key}" for key in ("instance", "kind", "resource"))
        return all(held.get(key) == labels.get(key) for key in keys)

    def container(self, container_id: str) -> Container:
        """A container as it is now.

        Raises:
            DockerError: There is no such container.
        """
        with _explained(f"look at container {container_id[:12]}"):
            summaries = self._api.containers(all=True, filters={"id": container_id})
            if not summaries:
                raise DockerError(f"Docker cannot find container {container_id[:12]}.")
            return container_from(summaries[0], self._state(summaries[0]), self._config.instance)

    def put_files(self, container_id: str, files: Mapping[str, tuple[bytes, int]]) -> None:
        """Write files into a container, running or not, as root.

        Args:
            container_id: Where to.
            files: Absolute path -> content and mode, such as `(b"...", 0o600)`. Missing folders are made.
        """
        with _explained(f"write {', '.join(files)} into container {container_id[:12]}"):
            self._api.put_archive(container_id, "/", file_archive(files))

    def start(self, container_id: str) -> None:
        """Start a container that was created or has exited."""
        self._forget(container_id)
        with _explained(f"start container {container_id[:12]}"):
            self._api.start(container_id)
        self._forget(container_id)

    def rename(self, container_id: str, name: str) -> None:
        """Give a container another name, which no other one has."""
        with _explained(f"rename container {container_id[:12]} to {name}"):
            self._api.rename(container_id, name)

    def exec(self, container_id: str, argv: Sequence[str]) -> tuple[int, str]:
        """Run a command in a container and wait for it; its exit code and output (both streams)."""
        with _explained(f"run {argv[0]} in container {container_id[:12]}"):
            made = self._api.exec_create(container_id, list(argv))
            output: bytes = self._api.exec_start(made["Id"])
            return int(self._api.exec_inspect(made["Id"])["ExitCode"]), output.decode(errors="replace")

    def logs(self, container_id: str, since: float = 0.0) -> Iterator[bytes]:
        """Follow what a container writes until it exits; each item is one message with its time stamp.

        Args:
            container_id: Whose.
            since: Unix time in seconds; everything if left out.
        """
        with _explained(f"read the logs of container {container_id[:12]}"):
            stream: Iterator[bytes] = self._api.logs(
                container_id, stream=True, follow=True, timestamps=True, since=float(since) or None
            )
            yield from stream

    def signal(self, container_id: str, signal: str) -> None:
        """Send a signal such as HUP to the main process; a container that does not run is left alone."""
        try:
            self._api.kill(container_id, signal=signal)
        except NotFound:
            return
        except APIError as error:
            if error.status_code != CONFLICT:  # a container that is not running
                raise DockerError(f"Docker cannot send {signal} to {container_id[:12]}: {error}") from error

    def stop(self, container_id: str, timeout: int) -> None:
        """SIGTERM, then SIGKILL after `timeout` seconds; waits for it. A missing container is stopped."""
        with _explained(f"stop container {container_id[:12]}"), contextlib.suppress(NotFound):
            self._api.stop(container_id, timeout=timeout)

    def remove(self, container_id: str) -> None:
        """Kill and remove a container and its anonymous volumes; one that is gone already is fine."""
        with _explained(f"remove container {container_id[:12]}"), contextlib.suppress(NotFound):
            self._api.remove_container(container_id, force=True, v=True)
        self._forget(container_id)

    def stats(self, container_id: str) -> dict[str, Any]:
        """One sample of Docker's resource statistics."""
        with _explained(f"read the statistics of container {container_id[:12]}"):
            sample: dict[str, Any] = self._api.stats(container_id, stream=False)
            return sample

    def sample(self, container_id: str) -> dict[str, Any]:
        """Docker's resource statistics at once: what changes over time is for two of them to say."""
        with _explained(f"sample container {container_id[:12]}"):
            found: dict[str, Any] = self._api.stats(container_id, stream=False, one_shot=True)
            return found

    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Make a volume unless it exists."""
        with _explained(f"make volume {name}"):
            self._api.create_volume(name=name, labels=dict(labels))

    def remove_volume(self, name: str) -> None:
        """Remove a volume; one that is gone already is fine."""
        with _explained(f"remove volume {name}"), contextlib.suppress(NotFound):
            self._api.remove_volume(name, force=True)

    def volumes(self, kind: str | None = None) -> dict[str, dict[str, str]]:
        """Name -> labels of the volumes of this data plane.

        Args:
            kind: Only those of this kind; every kind if left out.
        """
        labels = [f"{key}={value}" for key, value in self._config.instance_label.items()]
        labels += [f"{LABEL_PREFIX}.kind={kind}"] if kind else []
        found = self._api.volumes(filters={"label": labels})["Volumes"] or []
        return {volume["Name"]: volume["Labels"] or {} for volume in found}

    def _forget(self, container_id: str) -> None:
        with self._lock:
            self._details.pop(container_id, None)


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Say what was asked of Docker when it fails."""
    try:
        yield
    except APIError as error:
        raise DockerError(f"Docker cannot {what}: {error.explanation or error}") from error
    except RequestException as error:  # no answer in time, or none at all
        raise DockerError(f"Docker does not answer when asked to {what}: {error}") from error
