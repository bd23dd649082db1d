"""Task definitions as the data plane reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from localstack_dataplane.containers import HealthCheck
from localstack_dataplane.ecs import fargate

RESTART_POLICY_LABEL = "localstack-dataplane.restart-policy"
"""Docker label that may hold the JSON of a container's `restartPolicy`."""


@dataclass(frozen=True, kw_only=True)
class RestartPolicy:
    """When an exited container is started again without its task.

    Attributes:
        enabled: False: its exit ends the task if it is essential.
        ignored_exit_codes: Exits with these are final.
        attempt_period: Seconds it must have run for; AWS allows 60 to 1800 and takes 300.
    """

    enabled: bool = False
    ignored_exit_codes: frozenset[int] = frozenset()
    attempt_period: float = 300


@dataclass(frozen=True, kw_only=True)
class LogStream:
    """The `awslogs` driver of one container.

    Attributes:
        group: Log group.
        region: Empty: the task's own.
        prefix: The stream is `<prefix>/<container>/<task id>`.
        create_group: Whether a missing group is made.
    """

    group: str
    region: str = ""
    prefix: str = ""
    create_group: bool = False


@dataclass(frozen=True, kw_only=True)
class ContainerDefinition:
    """One container of a task definition; names follow the ECS API, times are seconds, sizes MiB."""

    name: str
    image: str
    essential: bool = True
    command: tuple[str, ...] | None = None
    entry_point: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    depends_on: Mapping[str, str] = field(default_factory=dict)
    health_check: HealthCheck | None = None
    restart_policy: RestartPolicy = RestartPolicy()
    start_timeout: float | None = None
    stop_timeout: float = 30
    user: str | None = None
    working_directory: str | None = None
    ulimits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    cpu: int = 0
    memory: int | None = None
    memory_reservation: int | None = None
    init: bool = False
    read_only: bool = False
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    capabilities_added: tuple[str, ...] = ()
    capabilities_dropped: tuple[str, ...] = ()
    shared_memory: int | None = None
    mounts: tuple[tuple[str, str], ...] = ()
    """Volume of the task and path; the path ends with `:ro` when read-only."""
    volumes_from: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    log: LogStream | None = None
    docker_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TaskDefinition:
    """A task definition: what the data plane needs of it."""

    arn: str
    containers: tuple[ContainerDefinition, ...]
    cpu: int | None = None
    memory: int | None = None
    task_role: str = ""
    execution_role: str = ""
    volumes: tuple[str, ...] = ()
    network_mode: str = "awsvpc"

    @property
    def fits_fargate(self) -> bool:
        """Whether it can be run on Fargate."""
        return self.network_mode == "awsvpc" and fargate.takes(self.cpu, self.memory)

    @property
    def family(self) -> str:
        """The name without revision."""
        return self.arn.rpartition("/")[2].rpartition(":")[0]

    @property
    def revision(self) -> str:
        """The number behind the colon."""
        return self.arn.rpartition(":")[2]

    def container(self, name: str) -> ContainerDefinition:
        """One container by name."""
        return next(container for container in self.containers if container.name == name)


def parse_task_definition(document: Mapping[str, Any]) -> TaskDefinition:
    """Read a task definition as DescribeTaskDefinition gives it."""
    return TaskDefinition(
        arn=document["taskDefinitionArn"],
        containers=tuple(_container(item) for item in document["containerDefinitions"]),
        cpu=int(document["cpu"]) if document.get("cpu") else None,
        memory=int(document["memory"]) if document.get("memory") else None,
        task_role=document.get("taskRoleArn") or "",
        execution_role=document.get("executionRoleArn") or "",
        volumes=tuple(volume["name"] for volume in document.get("volumes") or ()),
        network_mode=document.get("networkMode") or "bridge",
    )


def apply_overrides(definition: TaskDefinition, overrides: Mapping[str, Any]) -> TaskDefinition:
    """The definition with RunTask's overrides of command, environment, sizes and roles."""
    by_name = {item["name"]: item for item in overrides.get("containerOverrides") or ()}
    changed = []
    for container in definition.containers:
        override = by_name.get(container.name, {})
        values: dict[str, Any] = {}
        if override.get("command"):
            values["command"] = tuple(override["command"])
        if override.get("environment"):
            values["environment"] = {**container.environment, **_pairs(override["environment"])}
        for key, name in (("cpu", "cpu"), ("memory", "memory"), ("memoryReservation", "memory_reservation")):
            if override.get(key):
                values[name] = int(override[key])
        changed.append(replace(container, **values))
    return replace(
        definition,
        containers=tuple(changed),
        task_role=overrides.get("taskRoleArn") or definition.task_role,
        execution_role=overrides.get("executionRoleArn") or definition.execution_role,
        cpu=int(overrides["cpu"]) if overrides.get("cpu") else definition.cpu,
        memory=int(overrides["memory"]) if overrides.get("memory") else definition.memory,
    )


def _container(item: Mapping[str, Any]) -> ContainerDefinition:
    linux = item.get("linuxParameters") or {}
    capabilities = linux.get("capabilities") or {}
    return ContainerDefinition(
        name=item["name"],
        image=item["image"],
        essential=item.get("essential", True) is not False,
        command=tuple(item["command"]) if item.get("command") else None,
        entry_point=tuple(item["entryPoint"]) if item.get("entryPoint") else None,
        environment=_pairs(item.get("environment") or ()),
        secrets={secret["name"]: secret["valueFrom"] for secret in item.get("secrets") or ()},
        depends_on={entry["containerName"]: entry["condition"] for entry in item.get("dependsOn") or ()},
        health_check=_health_check(item.get("healthCheck") or {}),
        restart_policy=_restart_policy(item.get("restartPolicy") or _labelled_restart_policy(item)),
        start_timeout=item.get("startTimeout"),
        stop_timeout=item.get("stopTimeout") or 30,
        user=item.get("user") or None,
        working_directory=item.get("workingDirectory") or None,
        ulimits={
            limit["name"]: (int(limit["softLimit"]), int(limit["hardLimit"]))
            for limit in item.get("ulimits") or ()
        },
        cpu=int(item.get("cpu") or 0),
        memory=item.get("memory") or None,
        memory_reservation=item.get("memoryReservation") or None,
        init=bool(linux.get("initProcessEnabled")),
        read_only=bool(item.get("readonlyRootFilesystem")),
        tmpfs={
            entry["containerPath"]: ",".join([f"size={entry['size']}m", *entry.get("mountOptions", ())])
            for entry in linux.get("tmpfs") or ()
        },
        capabilities_added=tuple(capabilities.get("add") or ()),
        capabilities_dropped=tuple(capabilities.get("drop") or ()),
        shared_memory=linux.get("sharedMemorySize") or None,
        mounts=tuple(
            (entry["sourceVolume"], entry["containerPath"] + (":ro" if entry.get("readOnly") else ""))
            for entry in item.get("mountPoints") or ()
        ),
        volumes_from=tuple(entry["sourceContainer"] for entry in item.get("volumesFrom") or ()),
        ports=tuple(entry["containerPort"] for entry in item.get("portMappings") or ()),
        log=_log_stream(item.get("logConfiguration") or {}),
        docker_labels=dict(item.get("dockerLabels") or {}),
    )


def _pairs(items: Any) -> dict[str, str]:
    return {item["name"]: item.get("value", "") for item in items}


def _health_check(item: Mapping[str, Any]) -> HealthCheck | None:
    """ECS defaults: interval 30 s, timeout 5 s, 3 retries; a command without CMD or CMD-SHELL is executed."""
    command = list(item.get("command") or ())
    if not command or command == ["NONE"]:
        return None
    if command[0] not in {"CMD", "CMD-SHELL"}:
        command.insert(0, "CMD-SHELL" if len(command) == 1 else "CMD")
    return HealthCheck(
        test=tuple(command),
        interval=item.get("interval") or 30,
        timeout=item.get("timeout") or 5,
        retries=item.get("retries") or 3,
        start_period=item.get("startPeriod") or 0,
    )


def _labelled_restart_policy(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The policy by which a caller says it whose AWS SDK is too old to know the field, and drops it."""
    policy: Mapping[str, Any] = json.loads((item.get("dockerLabels") or {}).get(RESTART_POLICY_LABEL, "{}"))
    return policy


def _restart_policy(item: Mapping[str, Any]) -> RestartPolicy:
    return RestartPolicy(
        enabled=bool(item.get("enabled")),
        ignored_exit_codes=frozenset(item.get("ignoredExitCodes") or ()),
        attempt_period=item.get("restartAttemptPeriod") or 300,
    )


def _log_stream(item: Mapping[str, Any]) -> LogStream | None:
    if item.get("logDriver") != "awslogs":
        return None
    options = item.get("options") or {}
    return LogStream(
        group=options["awslogs-group"],
        region=options.get("awslogs-region", ""),
        prefix=options.get("awslogs-stream-prefix", ""),
        create_group=options.get("awslogs-create-group", "").lower() == "true",
    )
