"""A task: what the API was told about it and what became of it."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localstack_dataplane.clock import now
from localstack_dataplane.containers import Container
from localstack_dataplane.ecs.definition import TaskDefinition
from localstack_dataplane.ecs.lifecycle import TaskView


@dataclass(kw_only=True)
class ContainerRecord:
    """One container of a task, kept after Docker has forgotten it.

    Attributes:
        arn: In the API.
        status: PENDING, RUNNING or STOPPED.
        runtime_id: Docker's id; empty before it was made.
        exit_code: None while it has not exited.
        reason: Why it did not start or was killed.
        health: HEALTHY, UNHEALTHY or UNKNOWN.
        restarts: How often its restart policy started it again.
    """

    arn: str
    status: str = "PENDING"
    runtime_id: str = ""
    exit_code: int | None = None
    reason: str = ""
    health: str = "UNKNOWN"
    restarts: int = 0


@dataclass(kw_only=True)
class Task:
    """One task, from RunTask or from a service. The controller changes it; the API may ask it to stop."""

    id: str
    account: str
    region: str
    cluster: str
    """Name of the cluster."""
    definition: TaskDefinition
    group: str
    started_by: str = ""
    service: str = ""
    """Name of the service; empty for RunTask."""
    launch_type: str = "FARGATE"
    capacity_provider: str = ""
    platform_version: str = "1.4.0"
    subnet: str = ""
    tags: list[dict[str, str]] = field(default_factory=list)
    overrides: dict[str, Any] = field(default_factory=dict)
    enable_execute_command: bool = False

    version: int = 0
    """How many changes EventBridge was told of."""
    told: tuple[Any, ...] = ()
    """As it was then."""

    desired_status: str = "RUNNING"
    last_status: str = "PROVISIONING"
    health: str = "UNKNOWN"
    was_healthy: bool = False
    healthy_since: datetime | None = None
    address: str = ""
    containers: dict[str, ContainerRecord] = field(default_factory=dict)
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str = ""
    stopped_reason: str = ""
    protected_until: datetime | None = None
    """Until when scale-in and deployments leave it alone; None if they need not."""
    notice_ends: datetime | None = None
    """When a Spot interruption ends it at the latest; None without one."""

    interface: str = field(default_factory=lambda: f"eni-{secrets.token_hex(8)}")
    attachment: str = field(default_factory=lambda: str(uuid.uuid4()))
    credentials: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Id under which the metadata server gives the credentials of the task role."""
    secrets: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    """Container name -> environment from secrets; only in memory, only until the containers are made."""

    network: Container | None = None
    observed: dict[str, Container] = field(default_factory=dict)
    signalled: dict[str, datetime] = field(default_factory=dict)
    targets: set[tuple[str, str, int]] = field(default_factory=set)
    """Target group, address and port of the targets it is registered as."""
    draining: set[tuple[str, str, int]] = field(default_factory=set)
    """Targets it was taken out of, as long as requests to them may be under way."""
    drained: bool = True
    """Whether no load balancer holds it any more; only looked at when it has to stop."""
    counted: bool = False
    """Whether its end has been counted as a failure of its deployment, or need not be."""
    busy: bool = False
    """Whether a worker is carrying out its last step."""

    def __post_init__(self) -> None:
        for container in self.definition.containers:
            self.containers.setdefault(container.name, ContainerRecord(arn=self._container_arn()))

    def _container_arn(self) -> str:
        return (
            f"arn:aws:ecs:{self.region}:{self.account}:container/{self.cluster}/{self.id}/"
            f"{secrets.token_hex(16)}"
        )

    @property
    def arn(self) -> str:
        """ARN of the task."""
        return f"arn:aws:ecs:{self.region}:{self.account}:task/{self.cluster}/{self.id}"

    @property
    def cluster_arn(self) -> str:
        """ARN of its cluster."""
        return f"arn:aws:ecs:{self.region}:{self.account}:cluster/{self.cluster}"

    @property
    def service_key(self) -> tuple[str, str, str, str]:
        """Account, region, cluster and service."""
        return self.account, self.region, self.cluster, self.service

    @property
    def pending(self) -> bool:
        """Whether it is on its way to RUNNING."""
        return not self.stopping and self.last_status in {"PROVISIONING", "PENDING"}

    @property
    def stopping(self) -> bool:
        """Whether it has to stop, or did."""
        return self.desired_status == "STOPPED"

    @property
    def stopped(self) -> bool:
        """Whether nothing of it is left."""
        return self.last_status == "STOPPED"

    @property
    def has_health_check(self) -> bool:
        """Whether an essential container says how healthy the task is."""
        return any(item.essential and item.health_check for item in self.definition.containers)

    @property
    def serving(self) -> bool:
        """Whether it may be found: it runs, is not to stop, and was healthy when it last said so."""
        if self.stopping or self.last_status != "RUNNING" or not self.address:
            return False
        return not self.has_health_check or (self.was_healthy and self.health != "UNHEALTHY")

    def protected(self, moment: datetime) -> bool:
        """Whether scale-in and deployments have to leave it alone."""
        return self.protected_until is not None and moment < self.protected_until

    def stop(self, code: str, reason: str) -> None:
        """Ask it to stop; the first reason stays."""
        if not self.stopping:
            self.desired_status, self.stop_code, self.stopped_reason = "STOPPED", code, reason
            self.stopping_at = now()

    def view(self) -> TaskView:
        """What the decisions need."""
        return TaskView(
            definition=self.definition,
            stopping=self.stopping,
            drained=self.drained,
            network=self.network,
            containers=self.observed,
            created=frozenset(name for name, record in self.containers.items() if record.runtime_id),
            signalled=self.signalled,
            notice_ends=self.notice_ends,
        )
