"""Keeps one PostgreSQL container for each DB instance."""

import hashlib
import logging
from datetime import datetime
from typing import Protocol

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.names import Names
from localstack_dataplane.passes import each
from localstack_dataplane.pki import CertificateAuthority
from localstack_dataplane.rds.model import ETC, DbInstance, accounts, server_files

LOG = logging.getLogger(__name__)
KIND = "rds"
_DATA = "/var/lib/postgresql/data"
_ACCOUNTS = f"{ETC}/accounts.sql"


class RdsState(Protocol):
    """What the API recorded of DB instances."""

    def instances(self) -> list[DbInstance]:
        """All with the PostgreSQL engine, those being deleted too."""
        ...

    def set_status(self, arn: str, status: str) -> None:
        """Write the status back."""
        ...

    def forget(self, arn: str) -> None:
        """The instance is gone: the API no longer knows it."""
        ...


class RdsController:
    """Keeps one PostgreSQL container, with a volume for its data, for each DB instance."""

    name = KIND

    def __init__(
        self, config: Config, docker: DockerHost, names: Names, pki: CertificateAuthority, state: RdsState
    ) -> None:
        self._config = config
        self._docker = docker
        self._names = names
        self._pki = pki
        self._state = state
        # What was last done inside a container, by its id and start: gone with the container, so never stale.
        self._applied: dict[str, _Applied] = {}

    def reconcile(self) -> None:
        """Start what is missing, take over changed passwords and parameters, remove what was deleted."""
        instances = {instance.arn: instance for instance in self._state.instances()}
        containers = {found.label("resource"): found for found in self._docker.containers(kind=KIND)}
        try:
            self._remove_deleted(instances, containers)
            wanted = [item for item in instances.values() if item.status not in {"deleting", "stopped"}]
            each(
                wanted,
                lambda item: self._step(item, containers.get(item.arn)),
                lambda item: f"DB instance {item.identifier}",
            )
        finally:
            self._publish(instances)

    def _remove_deleted(self, instances: dict[str, DbInstance], containers: dict[str, Container]) -> None:
        for arn, container in containers.items():
            if arn not in instances or instances[arn].status in {"deleting", "stopped"}:
                self._docker.stop(container.id, timeout=5)
                self._docker.remove(container.id)
                self._applied.pop(arn, None)
        for volume, labels in self._docker.volumes(kind=KIND).items():
            arn = labels.get("localstack-dataplane.resource", "")
            if arn not in instances or instances[arn].status == "deleting":
                self._docker.remove_volume(volume)
        for instance in instances.values():
            if instance.status == "deleting":
                LOG.info("DB instance %s is deleted", instance.identifier)
                self._state.forget(instance.arn)

    def _step(self, instance: DbInstance, container: Container | None) -> None:
        applied = self._applied.get(instance.arn)
        known = applied is not None and container is not None and applied.is_of(container)
        if container is None or not container.running or (known and instance.status == "rebooting"):
            self._replace(instance, container)
        elif applied is None or not known:
            self._take_over(instance, container)
        else:
            self._update(instance, container, applied)

    def _replace(self, instance: DbInstance, old: Container | None) -> None:
        if old:
            LOG.warning(
                "PostgreSQL of %s is %s (exit code %s): again", instance.identifier, old.status, old.exit_code
            )
            self._docker.stop(old.id, timeout=10)
            self._docker.remove(old.id)
            self._state.set_status(instance.arn, "rebooting")
        self._applied.pop(instance.arn, None)
        labels = self._config.labels(KIND, instance.arn)
        name = f"{self._config.instance}-rds-{instance.identifier}"
        self._docker.ensure_volume(name, labels)
        certificate = self._pki.issue(instance.host, [instance.host])
        self._docker.run(
            self._config.backing_image,
            name=name,
            labels=labels,
            command=["postgres-server"],
            volumes={name: _DATA},
            files=server_files(instance)
            | {f"{ETC}/tls.crt": (certificate.chain, 0o644), f"{ETC}/tls.key": (certificate.key, 0o600)},
        )

    def _take_over(self, instance: DbInstance, container: Container) -> None:
        """A server that has just been started, or was found running: nothing is known of what it was told."""
        code, _ = self._docker.exec(container.id, ["postgres-ready"])
        if code:
            return
        applied = _Applied(container.id, container.started_at, container.address)
        self._update(instance, container, applied)
        self._applied[instance.arn] = applied
        LOG.info("DB instance %s accepts connections at %s", instance.identifier, container.address)

    def _update(self, instance: DbInstance, container: Container, applied: "_Applied") -> None:
        files = server_files(instance)
        settings = _digest(repr(sorted(files.items())))
        if applied.settings != settings:
            self._docker.put_files(container.id, files)
            self._run(container, ["postgres-reload"])
            applied.settings = settings
        credentials = _digest(f"{instance.master_username}\0{instance.master_password}\0{instance.database}")
        if applied.credentials != credentials:
            self._docker.put_files(container.id, {_ACCOUNTS: (accounts(instance).encode(), 0o600)})
            self._run(container, ["postgres-apply", _ACCOUNTS])
            applied.credentials = credentials
        if instance.status != "available":
            self._state.set_status(instance.arn, "available")

    def _run(self, container: Container, argv: list[str]) -> None:
        code, output = self._docker.exec(container.id, argv)
        if code:
            raise DockerError(f"{argv[0]} failed with exit code {code}: {output.strip()[-500:]}")

    def _publish(self, instances: dict[str, DbInstance]) -> None:
        self._names.publish(
            self.name,
            {
                instance.host: [self._applied[arn].address] if arn in self._applied else []
                for arn, instance in instances.items()
            },
        )


class _Applied:
    """What a server was told, by the digest of it."""

    def __init__(self, container_id: str, started_at: datetime | None, address: str) -> None:
        self.container_id = container_id
        self.started_at = started_at
        self.address = address
        self.settings = ""
        self.credentials = ""

    def is_of(self, container: Container) -> bool:
        """Whether it was this container, and this start of it."""
        return (self.container_id, self.started_at) == (container.id, container.started_at)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
