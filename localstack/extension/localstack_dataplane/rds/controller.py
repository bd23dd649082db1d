"""Keeps one PostgreSQL container for each DB instance."""

import hashlib
import logging
from dataclasses import replace

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.names import Names
from localstack_dataplane.passes import each
from localstack_dataplane.pki import CertificateAuthority
from localstack_dataplane.rds.model import ETC, DbInstance, accounts, server_files
from localstack_dataplane.rds.parameters import in_force
from localstack_dataplane.rds.snapshots import DbSnapshot, SnapshotData
from localstack_dataplane.rds.state import Applied, RdsState

LOG = logging.getLogger(__name__)
KIND = "rds"
_DATA = "/var/lib/postgresql/data"
_ACCOUNTS = f"{ETC}/accounts.sql"
_ENDING = {"deleting", "stopping", "stopped"}


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
        self._data = SnapshotData(config, docker)
        # What was last done inside a container, by its id and start: gone with the container, so never stale.
        self._applied: dict[str, Applied] = {}
        # As on AWS the endpoint keeps its address while nobody answers there, until another server does.
        self._addresses: dict[str, str] = {}
        self._restored: set[str] = set()
        self._backed_up: set[str] = set()

    def reconcile(self) -> None:
        """Start what is missing, take over changes, make and restore snapshots, remove what was deleted."""
        self._state.begin_maintenance()
        instances = {instance.arn: instance for instance in self._state.instances()}
        snapshots = self._state.snapshots()
        backed_up = {item.source for item in snapshots if item.status == "creating"} & instances.keys()
        self._backed_up = backed_up
        containers = {found.label("resource"): found for found in self._docker.containers(kind=KIND)}
        try:
            self._end(instances, containers, backed_up)
            unfinished = {item.data for item in snapshots if item.status == "creating"}
            wanted = [item for item in instances.values() if item.status not in _ENDING]
            each(
                [item for item in wanted if item.restored_from not in unfinished],
                lambda item: self._step(item, containers.get(item.arn)),
                lambda item: f"DB instance {item.identifier}",
            )
            for snapshot in snapshots:
                if snapshot.status == "creating":
                    self._back_up(snapshot, instances.get(snapshot.source), containers.get(snapshot.source))
            begun = [item for item in wanted if item.status == "creating"]
            data = {item.data for item in snapshots} | {item.restored_from for item in begun}
            self._data.remove_unused(data | {item.arn for item in begun})
        finally:
            self._publish(instances)

    def _end(
        self, instances: dict[str, DbInstance], containers: dict[str, Container], backed_up: set[str]
    ) -> None:
        """Stop and delete what is to be, but not before its last snapshot is made."""
        stays = {arn for arn, item in instances.items() if item.status not in _ENDING} | backed_up
        for arn, container in containers.items():
            if arn not in stays:
                self._docker.stop(container.id, timeout=5)
                self._docker.remove(container.id)
                self._applied.pop(arn, None)
        for volume, labels in self._docker.volumes(kind=KIND).items():
            arn = labels.get("localstack-dataplane.resource", "")
            if arn not in stays and (arn not in instances or instances[arn].status == "deleting"):
                self._docker.remove_volume(volume)
        for arn, instance in instances.items():
            if arn in stays:
                continue
            if instance.status == "deleting":
                LOG.info("DB instance %s is deleted", instance.identifier)
                self._state.forget(arn)
                self._addresses.pop(arn, None)
                self._restored.discard(arn)
            elif instance.status == "stopping":
                self._state.set_status(arn, "stopped")

    def _step(self, instance: DbInstance, container: Container | None) -> None:
        applied = self._applied.get(instance.arn)
        if applied and not (container and applied.is_of(container)):
            applied = None
        if container is None or not container.running:
            self._start(instance, container)
        elif applied and applied.ready and (instance.status == "rebooting" or instance.restarts):
            self._reboot(instance, container, applied)
        elif applied is None or not applied.ready:
            self._take_over(instance, container, applied)
        else:
            self._update(instance, container, applied)

    def _start(self, instance: DbInstance, old: Container | None) -> None:
        name = f"{self._config.instance}-rds-{instance.identifier}"
        labels = self._config.labels(KIND, instance.arn)
        if old:
            LOG.warning(
                "PostgreSQL of %s is %s (exit code %s): again", instance.identifier, old.status, old.exit_code
            )
            self._docker.remove(old.id)
            self._state.set_status(instance.arn, "rebooting")
        self._docker.ensure_volume(name, labels)
        begins = instance.status == "creating" and instance.arn not in self._restored
        if instance.restored_from and begins:
            if not self._data.restore(instance.restored_from, instance.arn, name):
                return
            self._restored.add(instance.arn)
        self._run(instance, name, labels)

    def _run(self, instance: DbInstance, name: str, labels: dict[str, str]) -> None:
        certificate = self._pki.issue(instance.host, [instance.host])
        made = self._docker.run(
            self._config.backing_image,
            name=name,
            labels=labels,
            command=["postgres-server"],
            volumes={name: _DATA},
            files=server_files(instance)
            | {f"{ETC}/tls.crt": (certificate.chain, 0o644), f"{ETC}/tls.key": (certificate.key, 0o600)},
        )
        self._applied[instance.arn] = Applied(
            made.id, made.started_at, made.address, dict(instance.parameters)
        )
        self._state.started(instance.arn)

    def _reboot(self, instance: DbInstance, container: Container, applied: Applied) -> None:
        """Restart the server where it is; or lose it, and start the other one on the same data."""
        LOG.info("DB instance %s is rebooted", instance.identifier)
        if instance.fails_over:
            self._docker.remove(container.id)
            self._applied.pop(instance.arn, None)
            name = f"{self._config.instance}-rds-{instance.identifier}"
            self._run(instance, name, self._config.labels(KIND, instance.arn))
            return
        self._docker.put_files(container.id, server_files(instance))
        self._exec(container, ["postgres-reboot"])
        self._applied[instance.arn] = replace(
            applied, parameters=dict(instance.parameters), ready=False, settings=""
        )
        self._state.started(instance.arn)

    def _take_over(self, instance: DbInstance, container: Container, applied: Applied | None) -> None:
        """A server that has just been started, or was found running: nothing is known of what it was told."""
        code, _ = self._docker.exec(container.id, ["postgres-ready"])
        if code:
            return
        applied = applied or Applied(
            container.id, container.started_at, container.address, dict(instance.parameters)
        )
        self._update(instance, container, applied)
        applied.ready = True
        self._applied[instance.arn] = applied
        self._addresses[instance.arn] = container.address
        LOG.info("DB instance %s accepts connections at %s", instance.identifier, container.address)

    def _update(self, instance: DbInstance, container: Container, applied: Applied) -> None:
        parameters = in_force(applied.parameters, instance.parameters, instance.waiting)
        files = server_files(replace(instance, parameters=parameters))
        settings = _digest(repr(sorted(files.items())))
        if applied.settings != settings:
            self._docker.put_files(container.id, files)
            self._exec(container, ["postgres-reload"])
            applied.settings, applied.parameters = settings, parameters
        self._state.set_parameters_in_sync(instance.arn, in_sync=parameters == dict(instance.parameters))
        credentials = _digest(f"{instance.master_username}\0{instance.master_password}\0{instance.database}")
        if applied.credentials != credentials:
            self._docker.put_files(container.id, {_ACCOUNTS: (accounts(instance).encode(), 0o600)})
            self._exec(container, ["postgres-apply", _ACCOUNTS])
            applied.credentials = credentials
        # What is created is backed up before it is available, if it is to be backed up at all.
        backed_up = instance.status in {"creating", "backing-up"} and instance.arn in self._backed_up
        status = "backing-up" if backed_up else "available"
        if instance.status != status:
            self._state.set_status(instance.arn, status)

    def _back_up(self, snapshot: DbSnapshot, instance: DbInstance | None, server: Container | None) -> None:
        """Make a snapshot; one whose server is gone, or that cannot be made, has failed."""
        applied = self._applied.get(snapshot.source)
        if instance and instance.status not in _ENDING and not (server and applied and applied.ready):
            return
        try:
            if instance and server and server.running:
                if not self._data.back_up(snapshot.data, server, instance.port):
                    return
                status = "available"
            else:
                status = "failed"
        except DockerError as error:
            LOG.warning("A snapshot has failed: %s", error)
            status = "failed"
        self._state.set_snapshot_status(snapshot.data, status)
        if instance and instance.status == "backing-up":
            self._state.set_status(instance.arn, "available")

    def _exec(self, container: Container, argv: list[str]) -> None:
        code, output = self._docker.exec(container.id, argv)
        if code:
            raise DockerError(f"{argv[0]} failed with exit code {code}: {output.strip()[-500:]}")

    def _publish(self, instances: dict[str, DbInstance]) -> None:
        self._names.publish(
            self.name,
            {
                instance.host: [self._addresses[arn]] if arn in self._addresses else []
                for arn, instance in instances.items()
            },
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
