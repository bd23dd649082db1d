"""Keeps one Redis container for each node of each replication group."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.elasticache.model import (
    ETC,
    Node,
    ReplicationGroup,
    commands,
    node_files,
    promoted,
    reader_addresses,
    successor,
    users,
)
from localstack_dataplane.names import Names
from localstack_dataplane.passes import each
from localstack_dataplane.pki import CertificateAuthority

LOG = logging.getLogger(__name__)
KIND = "elasticache"
_COMMANDS = f"{ETC}/commands"


class ElastiCacheState(Protocol):
    """What the API recorded of replication groups."""

    def groups(self) -> list[ReplicationGroup]:
        """All without cluster mode, those being deleted too."""
        ...

    def set_status(self, arn: str, status: str) -> None:
        """Write the status of a group and of its nodes back."""
        ...

    def promote(self, arn: str, node_id: str) -> None:
        """Another node is the primary now."""
        ...

    def failed(self, arn: str) -> None:
        """The node that was to fail has."""
        ...

    def forget(self, arn: str) -> None:
        """The group is gone: the API no longer knows it."""
        ...


@dataclass
class _Applied:
    """What a node was last told, and whether it answers."""

    container_id: str
    started_at: datetime | None
    told: str = ""
    ready: bool = False

    def is_of(self, container: Container) -> bool:
        return (self.container_id, self.started_at) == (container.id, container.started_at)


class ElastiCacheController:
    """Keeps one Redis container for each node of each replication group."""

    name = KIND

    def __init__(
        self,
        config: Config,
        docker: DockerHost,
        names: Names,
        pki: CertificateAuthority,
        state: ElastiCacheState,
    ) -> None:
        self._config = config
        self._docker = docker
        self._names = names
        self._pki = pki
        self._state = state
        self._applied: dict[str, _Applied] = {}
        # As on AWS the primary endpoint keeps its address while nobody answers there. It moves when the new
        # primary knows its role: a replica that is led to itself waits for its own answer, for 5 s.
        self._primaries: dict[str, str] = {}

    def reconcile(self) -> None:
        """Start what is missing, take over changes, let a replica take over, remove what was deleted."""
        groups = self._state.groups()
        wanted = {node.id for group in groups if group.status != "deleting" for node in group.nodes}
        containers: dict[str, Container] = {}
        for container in self._docker.containers(kind=KIND):
            node_id = container.label("node")
            if node_id in wanted:
                containers[node_id] = container
            else:
                self._docker.remove(container.id)
                self._applied.pop(node_id, None)
        for group in groups:
            if group.status == "deleting":
                LOG.info("Replication group %s is deleted", group.id)
                self._state.forget(group.arn)
                self._primaries.pop(group.arn, None)
        alive = [group for group in groups if group.status != "deleting"]
        self._publish(alive, containers)
        each(
            alive,
            lambda group: self._step(group, containers, alive),
            lambda group: f"replication group {group.id}",
        )

    def _publish(self, groups: list[ReplicationGroup], containers: dict[str, Container]) -> None:
        table: dict[str, list[str]] = {}
        for group in groups:
            addresses = {
                node.id: containers[node.id].address
                for node in group.nodes
                if node.id in containers and containers[node.id].running
            }
            table |= {node.host: [addresses[node.id]] if node.id in addresses else [] for node in group.nodes}
            primary = self._primaries.get(group.arn)
            table[group.primary_host] = [primary] if primary else []
            table[group.reader_host] = reader_addresses(group, addresses)
        self._names.publish(self.name, table)

    def _step(
        self, group: ReplicationGroup, containers: dict[str, Container], alive: list[ReplicationGroup]
    ) -> None:
        primary = containers.get(group.primary.id)
        if primary and not primary.running:
            ready = {
                node.id
                for node in group.nodes
                if node.id in containers and containers[node.id].running and self._is_ready(node)
            }
            heir = successor(group, ready)
            if heir:
                LOG.warning("Primary %s of %s is gone, %s takes over", group.primary.id, group.id, heir)
                self._state.promote(group.arn, heir)
                group = promoted(group, heir)
        if group.failing != group.primary.id:
            self._lead(group, containers.get(group.primary.id))
            self._publish(alive, containers)
        self._fail(group, containers)
        each(
            group.nodes,
            lambda node: self._step_node(group, node, containers.get(node.id)),
            lambda node: f"node {node.id}",
        )
        if group.status != "available" and all(self._is_ready(node) for node in group.nodes):
            LOG.info("Replication group %s is available", group.id)
            self._state.set_status(group.arn, "available")

    def _lead(self, group: ReplicationGroup, container: Container | None) -> None:
        """Have the primary know its role before the endpoint leads to it."""
        if container and container.running:
            self._step_node(group, group.primary, container)
            self._primaries[group.arn] = container.address

    def _fail(self, group: ReplicationGroup, containers: dict[str, Container]) -> None:
        """Kill the node that is to fail."""
        if not group.failing:
            return
        failing = containers.pop(group.failing, None)
        if failing:
            LOG.info("Node %s of %s fails, as it was asked to", group.failing, group.id)
            self._docker.remove(failing.id)
            self._applied.pop(group.failing, None)
        self._state.failed(group.arn)

    def _is_ready(self, node: Node) -> bool:
        return node.id in self._applied and self._applied[node.id].ready

    def _step_node(self, group: ReplicationGroup, node: Node, container: Container | None) -> None:
        if container is None or not container.running:
            if container:
                LOG.warning("Redis %s is %s (exit code %s)", node.id, container.status, container.exit_code)
                self._docker.remove(container.id)
            self._run(group, node)
            return
        applied = self._applied.get(node.id)
        if applied is None or not applied.is_of(container):
            applied = self._applied[node.id] = _Applied(container.id, container.started_at)
        self._tell(group, node, container, applied)
        if not applied.ready or group.status != "available":
            applied.ready = self._docker.exec(container.id, ["redis-ready"])[0] == 0

    def _run(self, group: ReplicationGroup, node: Node) -> None:
        certificate = self._pki.issue(node.host, [node.host, group.primary_host, group.reader_host])
        made = self._docker.run(
            self._config.backing_image,
            name=f"{self._config.instance}-elasticache-{node.id}",
            labels=self._config.labels(KIND, group.arn, node=node.id),
            command=["redis-node"],
            files=node_files(group, node, self._password(group))
            | {
                f"{ETC}/tls.crt": (certificate.chain, 0o644),
                f"{ETC}/tls.key": (certificate.key, 0o600),
                f"{ETC}/ca.pem": (self._pki.certificate, 0o644),
            },
        )
        self._applied[node.id] = _Applied(made.id, made.started_at, told=self._telling(group, node))

    def _tell(self, group: ReplicationGroup, node: Node, container: Container, applied: _Applied) -> None:
        """Give a running node its users, parameters and role, if they are not those it was told last."""
        telling = self._telling(group, node)
        if applied.told == telling:
            return
        files = {
            f"{ETC}/users.acl": (users(group, self._password(group)).encode(), 0o600),
            _COMMANDS: (_lines(commands(group, node)), 0o600),
        }
        self._docker.put_files(container.id, files)
        code, output = self._docker.exec(container.id, ["redis-apply", _COMMANDS])
        if code:
            raise DockerError(f"Redis refuses its settings: {output.strip()[-500:]}")
        applied.told = telling
        applied.ready = False

    def _telling(self, group: ReplicationGroup, node: Node) -> str:
        # The primary's id is not among the commands: its name stays while another node takes over.
        parts = (users(group, self._password(group)), commands(group, node), group.primary.id)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _password(self, group: ReplicationGroup) -> str:
        """Of the administrator, which replicas use too."""
        return self._pki.secret(group.arn)


def _lines(texts: list[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()
