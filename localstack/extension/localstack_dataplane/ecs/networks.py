"""Network namespaces for tasks, some of them made ahead: that takes as long as their containers."""

import logging
import re
import secrets
import threading
from collections.abc import Iterable
from itertools import count
from typing import Any

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError, HealthCheck
from localstack_dataplane.docker_host import DockerHost

LOG = logging.getLogger(__name__)

KIND = "ecs-task-pause"
KEPT_READY = 4
"""As many tasks start at once without waiting for their networks; each costs about 1 MiB and a process."""

_OWNED = re.compile(r"-task-(?P<task>[^-]+)-network(-[0-9a-f]{6})?$")


def owner(container: Container) -> str:
    """Id of the task that a container belongs to; empty for one that no task has.

    A network that was made ahead is known by its name, which Docker can change, as it cannot the labels.
    """
    if container.label("kind") != KIND:
        return container.label("task")
    match = _OWNED.search(container.name)
    return match["task"] if match else container.label("task")


class Networks:
    """Hands out the containers that hold the network namespaces of tasks.

    Args:
        config: Settings of the data plane.
        docker: Where they run.
        kept_ready: How many are kept ready.
    """

    def __init__(self, config: Config, docker: DockerHost, kept_ready: int = KEPT_READY) -> None:
        self._config, self._docker, self._kept_ready = config, docker, kept_ready
        self._lock = threading.Lock()
        self._ready: dict[str, Container] = {}
        self._given: set[str] = set()
        """Ids that were handed out, or are spoilt: an older look at Docker may still show them as ready."""
        self._made: set[str] = set()
        """Ids of new ones, which an older look at Docker does not show."""
        self._names: set[str] = set()
        """Names of those that are being made, or renamed."""

    def observe(self, containers: Iterable[Container]) -> None:
        """Take in which networks Docker shows, those that a process before has left ready among them."""
        shown = {item.id: item for item in containers if item.label("kind") == KIND}
        spare = {key: item for key, item in shown.items() if not owner(item)}
        usable = {key: item for key, item in spare.items() if self._usable(item)}
        with self._lock:
            self._given &= shown.keys()
            unseen = {
                key: self._ready[key]
                for key in self._made & self._ready.keys()
                if key not in shown or shown[key].status == "created"
            }
            self._made = set(unseen)
            self._ready = unseen | {key: item for key, item in usable.items() if key not in self._given}
            left = self._given | self._ready.keys()
            spoilt = [key for key, item in spare.items() if key not in left and item.name not in self._names]
        for key in spoilt:
            self._discard(key)

    def take(self, task_id: str, name: str, labels: dict[str, str]) -> Container:
        """A network for a task: one that is ready, or else a new one.

        Args:
            task_id: Whose.
            name: What the names of the task's containers begin with.
            labels: Of a new one.

        Raises:
            DockerError: It cannot be made.
        """
        owned = f"{name}-task-{task_id}-network"
        while spare := self._next():
            try:
                self._docker.rename(spare.id, owned)
                taken = self._docker.container(spare.id)
            except DockerError as error:
                LOG.info("The network %s is no longer there: %s", spare.name, error)
                continue
            finally:
                self._release(spare.name)
            if self._usable(taken):
                return taken
            self._discard(taken.id)
        return self._docker.run(**self._arguments(owned, labels, f"task-{task_id[:12]}"))

    @property
    def missing(self) -> bool:
        """Whether fewer than wanted are ready."""
        with self._lock:
            return len(self._ready) < self._kept_ready

    def make_one(self) -> None:
        """Make one more ready; that it cannot be made is told by the log, and by the task that needs one."""
        name = self._free_name()
        labels = self._config.labels(KIND, name)
        try:
            made = self._docker.run(**self._arguments(name, labels, f"task-{secrets.token_hex(6)}"))
        except DockerError as error:
            LOG.warning("No network can be made ahead: %s", error)
        else:
            with self._lock:
                self._ready[made.id] = made
                self._made.add(made.id)
        finally:
            self._release(name)

    def remove_all(self) -> None:
        """Remove those that are ready."""
        while spare := self._next():
            self._discard(spare.id)
            self._release(spare.name)

    def _free_name(self) -> str:
        """A name that none has: the same few again and again, whichever tasks have come and gone."""
        with self._lock:
            taken = self._names | {item.name for item in self._ready.values()}
            names = (f"{self._config.instance}-spare-{number}-network" for number in count(1))
            name = next(name for name in names if name not in taken)
            self._names.add(name)
            return name

    def _release(self, name: str) -> None:
        with self._lock:
            self._names.discard(name)

    def _next(self) -> Container | None:
        with self._lock:
            if not self._ready:
                return None
            key = next(iter(self._ready))
            self._given.add(key)
            spare = self._ready.pop(key)
            self._names.add(spare.name)
            return spare

    def _usable(self, container: Container) -> bool:
        return bool(container.running and container.address and container.image == self._config.backing_image)

    def _discard(self, container_id: str) -> None:
        try:
            self._docker.remove(container_id)
        except DockerError as error:
            LOG.warning("A network that was made ahead stays for now: %s", error)

    def _arguments(self, name: str, labels: dict[str, str], hostname: str) -> dict[str, Any]:
        return {
            "image": self._config.backing_image,
            "name": name,
            "labels": labels,
            "entrypoint": ("sleep",),
            "command": ("infinity",),
            # Begins with a letter: of digits only, a resolver takes it for a number that is no address.
            "hostname": hostname,
            "memory_mib": 16,
            "health_check": HealthCheck(test=("NONE",)),
            "user": "0",
        }
