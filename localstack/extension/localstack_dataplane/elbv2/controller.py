"""Keeps one HAProxy container for each Application Load Balancer."""

import hashlib
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError
from localstack_dataplane.docker_host import DockerHost
from localstack_dataplane.elbv2.haproxy import render
from localstack_dataplane.elbv2.health import Health, routable
from localstack_dataplane.elbv2.model import ListenerCertificate, LoadBalancer, Target, TargetGroup
from localstack_dataplane.elbv2.probe import probe
from localstack_dataplane.elbv2.tls import path_of
from localstack_dataplane.elbv2.watch import Watch
from localstack_dataplane.names import Names
from localstack_dataplane.passes import each
from localstack_dataplane.pki import Certificate, CertificateAuthority

LOG = logging.getLogger(__name__)
KIND = "elbv2"
_CONFIGURATION = "/etc/backing/haproxy.cfg"
_CHECKS_AT_ONCE = 16


class LoadBalancerState(Protocol):
    """What the API recorded of load balancers."""

    def load_balancers(self) -> list[LoadBalancer]:
        """All Application Load Balancers."""
        ...

    def target_groups(self) -> list[TargetGroup]:
        """All target groups that can take HTTP."""
        ...

    def set_active(self, arn: str) -> None:
        """The load balancer takes requests now."""
        ...

    def health(self) -> dict[str, dict[Target, Health]]:
        """What was written back last, by target group ARN; that of the process before at the start."""
        ...

    def set_health(self, health: Mapping[str, Mapping[Target, Health]]) -> None:
        """Write back the health of all targets, by target group ARN."""
        ...


@dataclass(frozen=True)
class _Applied:
    """What a container was last told."""

    container_id: str
    started_at: datetime | None
    digest: str


class LoadBalancerController:
    """Keeps one HAProxy container for each load balancer, and checks the health of targets."""

    name = KIND

    def __init__(
        self,
        config: Config,
        docker: DockerHost,
        names: Names,
        pki: CertificateAuthority,
        state: LoadBalancerState,
    ) -> None:
        self._config = config
        self._docker = docker
        self._names = names
        self._pki = pki
        self._state = state
        executor = ThreadPoolExecutor(max_workers=_CHECKS_AT_ONCE, thread_name_prefix="health-check")
        self._watch = Watch(probe, executor)
        self._watch.resume(state.health())
        self._applied: dict[str, _Applied] = {}
        self._certificates: dict[tuple[str, ...], Certificate] = {}

    def reconcile(self) -> None:
        """Check targets, start what is missing, reload what changed, remove what was deleted."""
        balancers = {balancer.arn: balancer for balancer in self._state.load_balancers()}
        groups = {group.arn: group for group in self._state.target_groups()}
        in_use = {arn for balancer in balancers.values() for arn in balancer.target_group_arns}
        health = self._watch.observe(groups.values(), in_use)
        self._state.set_health(health)
        targets = {arn: routable(known) for arn, known in health.items()}
        containers = {found.label("resource"): found for found in self._docker.containers(kind=KIND)}
        for arn in set(containers) - set(balancers):
            self._docker.remove(containers.pop(arn).id)
            self._applied.pop(arn, None)
        self._names.publish(
            self.name,
            {
                balancer.dns_name: [containers[arn].address]
                if arn in containers and containers[arn].running
                else []
                for arn, balancer in balancers.items()
            },
        )
        each(
            balancers.values(),
            lambda balancer: self._step(balancer, containers.get(balancer.arn), groups, targets),
            lambda balancer: f"load balancer {balancer.name}",
        )

    def _step(
        self,
        balancer: LoadBalancer,
        container: Container | None,
        groups: Mapping[str, TargetGroup],
        targets: Mapping[str, tuple[Target, ...]],
    ) -> None:
        files = self._files(balancer, groups, targets)
        digest = _digest(files)
        ports = self._ports(balancer)
        if container and container.running and container.label("ports") == _written(ports):
            self._reload(balancer, container, files, digest)
            if balancer.state != "active":
                LOG.info("Load balancer %s takes requests at %s", balancer.name, container.address)
                self._state.set_active(balancer.arn)
            return
        if container:
            if container.exited:
                self._tell_last_words(balancer, container)
            self._docker.remove(container.id)
        made = self._run(balancer, files, ports)
        self._applied[balancer.arn] = _Applied(made.id, made.started_at, digest)

    def _files(
        self,
        balancer: LoadBalancer,
        groups: Mapping[str, TargetGroup],
        targets: Mapping[str, tuple[Target, ...]],
    ) -> dict[str, tuple[bytes, int]]:
        files = {_CONFIGURATION: (render(balancer, groups, targets).encode(), 0o644)}
        for listener in balancer.listeners:
            if listener.protocol == "HTTPS":
                for certificate in listener.certificates:
                    files[path_of(certificate)] = (self._pem(balancer, certificate), 0o600)
        return files

    def _pem(self, balancer: LoadBalancer, certificate: ListenerCertificate) -> bytes:
        if certificate.pem:
            return certificate.pem
        # localhost, because that is where the host sees a published listener.
        names = tuple(dict.fromkeys((*certificate.names, balancer.dns_name, "localhost", "127.0.0.1")))
        if names not in self._certificates:
            self._certificates[names] = self._pki.issue(names[0], names)
        issued = self._certificates[names]
        return issued.chain + issued.key

    def _ports(self, balancer: LoadBalancer) -> dict[int, int]:
        """Listener port -> host port, of those that are to be seen from the host."""
        ports = {listener.port for listener in balancer.listeners}
        return {port: self._config.publish[port] for port in sorted(ports & set(self._config.publish))}

    def _reload(
        self, balancer: LoadBalancer, container: Container, files: dict[str, tuple[bytes, int]], digest: str
    ) -> None:
        wanted = _Applied(container.id, container.started_at, digest)
        if self._applied.get(balancer.arn) == wanted:
            return
        candidate = {f"{path}.new" if path == _CONFIGURATION else path: file for path, file in files.items()}
        self._docker.put_files(container.id, candidate)
        code, output = self._docker.exec(container.id, ["load-balancer-reload"])
        if code:
            raise DockerError(
                f"HAProxy refuses its configuration and keeps the last one: {output.strip()[-800:]}"
            )
        self._applied[balancer.arn] = wanted

    def _run(
        self, balancer: LoadBalancer, files: dict[str, tuple[bytes, int]], ports: Mapping[int, int]
    ) -> Container:
        try:
            return self._run_with(balancer, files, ports, ports)
        except DockerError as error:
            if not ports or not _is_of_a_port(error):
                raise
            made = self._run_with(balancer, files, ports, dict.fromkeys(ports))
            LOG.warning(
                "Load balancer %s is at free ports of the host, not at %s; `docker port %s` tells which: %s",
                balancer.name,
                ", ".join(str(port) for port in ports.values()),
                made.name,
                error,
            )
            return made

    def _run_with(
        self,
        balancer: LoadBalancer,
        files: dict[str, tuple[bytes, int]],
        wanted: Mapping[int, int],
        bound: Mapping[int, int | None],
    ) -> Container:
        return self._docker.run(
            self._config.backing_image,
            name=f"{self._config.instance}-elbv2-{balancer.name}",
            # The ports that were wanted, so that a taken one does not lead to a new container at each pass.
            labels=self._config.labels(KIND, balancer.arn, ports=_written(wanted)),
            command=["load-balancer"],
            ports=bound,
            files=files,
        )

    def _tell_last_words(self, balancer: LoadBalancer, container: Container) -> None:
        try:
            output = b"".join(self._docker.logs(container.id)).decode(errors="replace")
        except DockerError as error:  # a dead container has no log, and is to be replaced all the same
            output = str(error)
        LOG.warning(
            "HAProxy of %s ended: exit code %s: %s", balancer.name, container.exit_code, output.strip()[-800:]
        )


def _is_of_a_port(error: DockerError) -> bool:
    """Whether Docker could not bind a port; whatever else failed is worth another pass, ports included."""
    return any(words in str(error) for words in ("port is already allocated", "address already in use"))


def _written(ports: Mapping[int, int]) -> str:
    return ",".join(f"{port}={host}" for port, host in sorted(ports.items()))


def _digest(files: Mapping[str, tuple[bytes, int]]) -> str:
    return hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest()
