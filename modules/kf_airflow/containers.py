"""Containers as ECS describes them. Nothing here knows Airflow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from kf_airflow.checks import between
from kf_airflow.container_checks import MAXIMUM_STOP_TIMEOUT_SECONDS, check_container
from kf_airflow.image_reference import given_image
from kf_airflow.refs import SecretKey
from kf_airflow.sizing import Share
from kf_airflow.tables import Table

Condition = Literal["START", "COMPLETE", "SUCCESS", "HEALTHY"]

# What the name of a volume has not.
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, kw_only=True)
class HealthCheck(Table):
    """How ECS finds out whether a container is well.

    The ranges are ECS's: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html

    Args:
        command: The program to run in the container and its arguments; exit status 0 means well.
        interval_seconds: Time between two checks, 5 to 300 s. 15 if left out.
        timeout_seconds: After which a check counts as failed, 2 to 60 s. 10 if left out.
        retries: How many failures in a row make the container unhealthy, 1 to 10. 8 if left out.
        start_period_seconds: For how long after the start failures do not count, 0 to 300 s. 180 if left out.

    Raises:
        ValueError: if a value is out of ECS's range, or there is no command.
    """

    command: tuple[str, ...]
    interval_seconds: int = 15
    timeout_seconds: int = 10
    retries: int = 8
    start_period_seconds: int = 180

    def __post_init__(self) -> None:
        for key, lowest, highest in (
            ("interval_seconds", 5, 300),
            ("timeout_seconds", 2, 60),
            ("retries", 1, 10),
            ("start_period_seconds", 0, 300),
        ):
            between(key, getattr(self, key), lowest, highest)
        if not self.command:
            raise ValueError("command is empty: allowed is a program with its arguments")

    def definition(self) -> dict[str, object]:
        """Returns it as ECS's JSON."""
        return {
            "command": ["CMD", *self.command],
            "interval": self.interval_seconds,
            "timeout": self.timeout_seconds,
            "retries": self.retries,
            "startPeriod": self.start_period_seconds,
        }


@dataclass(frozen=True, kw_only=True)
class Container(Table):
    """A container of a task.

    Args:
        name: Its name in the task.
        image: The image it runs, as `repository[:tag][@sha256:digest]`. With a digest, ECS is told no tag.
        command: What is handed to the image's entry point. The image's own command if left out.
        ports: The ports it listens on. None if left out.
        environment: Its plain environment. Empty if left out.
        secrets: Environment variables ECS fills from Secrets Manager. None if left out.
        labels: Its Docker labels. None if left out.
        health_check: How ECS checks it. Not checked if left out.
        essential: Whether the task ends with it. True if left out.
        depends_on: Which containers have to be how far before this one starts. It starts at once if left out.
        restart_after_seconds: If set, ECS restarts this container alone when it exits, provided it ran for
            that long (60 to 1800 s). If left out, an essential container's exit ends the task.
        stop_timeout_seconds: Time between SIGTERM and SIGKILL, at most 120 s on Fargate. 120 if left out.
        read_only_root: Whether it may write to its mounts alone. True if left out.
        writable_paths: Where an empty disk of its own is mounted. It has the owner its folder has in the
            image if the image declares that folder a volume, else root. None if left out.
        open_files: How many files each of its processes may have open. Fargate's 65535 if left out.
        user: The user it runs as, by name or number, with `:` before a group. The image's if left out.
        cpu: CPU units it has when all containers want more than there is. Whatever is left if left out.
        memory_reservation_mib: Memory that is its own, in MiB. None in particular if left out.
        memory_mib: Memory at which it is killed, in MiB. That of the task if left out.

    Raises:
        ValueError: if ECS does not take a value, a path is not absolute, a name is both a plain variable and
            a secret, or the memory contradicts itself.
    """

    name: str
    image: str
    command: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, SecretKey] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    health_check: HealthCheck | None = None
    essential: bool = True
    depends_on: Mapping[str, Condition] = field(default_factory=dict)
    restart_after_seconds: int | None = None
    stop_timeout_seconds: int = MAXIMUM_STOP_TIMEOUT_SECONDS
    read_only_root: bool = True
    writable_paths: tuple[str, ...] = ()
    open_files: int | None = None
    user: str | None = None
    cpu: int = 0
    memory_reservation_mib: int | None = None
    memory_mib: int | None = None

    def __post_init__(self) -> None:
        check_container(self)

    @property
    def volumes(self) -> dict[str, str]:
        """The path at which each of the task's volumes is mounted, by the volume's name."""
        return {f"{self.name}{_NO_NAME.sub('-', path)}": path for path in self.writable_paths}

    @property
    def claimed_mib(self) -> int:
        """The memory that is nobody else's, in MiB."""
        return self.memory_reservation_mib or self.memory_mib or 0

    def sharing(self, share: Share) -> Container:
        """Returns it with a share of its task."""
        return replace(
            self,
            cpu=share.cpu,
            memory_reservation_mib=share.memory_reservation_mib,
            memory_mib=share.memory_mib,
        )

    def definition(self, *, log_group: str, region: str) -> dict[str, object]:
        """Returns it as ECS's JSON, with the logs going to `log_group`, one stream a container and task."""
        definition: dict[str, object] = {
            "name": self.name,
            "image": given_image("image", self.image).pulled,
            "essential": self.essential,
            # Sorted, so that the order in which variables were collected never looks like a change.
            "environment": [
                {"name": name, "value": value} for name, value in sorted(self.environment.items())
            ],
            "secrets": [
                {"name": name, "valueFrom": key.value_from} for name, key in sorted(self.secrets.items())
            ],
            "portMappings": [
                {"containerPort": port, "hostPort": port, "protocol": "tcp"} for port in self.ports
            ],
            "stopTimeout": self.stop_timeout_seconds,
            "readonlyRootFilesystem": self.read_only_root,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": log_group,
                    "awslogs-region": region,
                    "awslogs-stream-prefix": self.name,
                },
            },
        }
        definition.update(self._limits())
        if self.labels:
            definition["dockerLabels"] = dict(sorted(self.labels.items()))
        if self.command:
            definition["command"] = list(self.command)
        if self.health_check:
            definition["healthCheck"] = self.health_check.definition()
        if self.depends_on:
            definition["dependsOn"] = [
                {"containerName": name, "condition": condition}
                for name, condition in sorted(self.depends_on.items())
            ]
        if self.restart_after_seconds is not None:
            definition["restartPolicy"] = {
                "enabled": True,
                "restartAttemptPeriod": self.restart_after_seconds,
            }
        return definition

    def _limits(self) -> dict[str, object]:
        """Returns what it may use, as far as it was said: what is left out is ECS's default."""
        limits: dict[str, object] = {
            "cpu": self.cpu,
            "memory": self.memory_mib,
            "memoryReservation": self.memory_reservation_mib,
            "user": self.user,
        }
        if self.open_files:
            limits["ulimits"] = [
                {"name": "nofile", "softLimit": self.open_files, "hardLimit": self.open_files}
            ]
        if self.writable_paths:
            limits["mountPoints"] = [
                {"sourceVolume": name, "containerPath": path, "readOnly": False}
                for name, path in self.volumes.items()
            ]
        return {name: value for name, value in limits.items() if value}


@dataclass(frozen=True, kw_only=True)
class TargetSpec:
    """What of a service a load balancer watches and reaches.

    Args:
        container: The container that listens.
        port: Its port for traffic.
        health_check_path: What the health check asks for.
        health_check_port: The port of the health check. `port` if left out.
        deregistration_seconds: How long a task that ECS stops may finish the requests it has before it gets
            SIGTERM, 0 to 3600 s. 30 if left out.

    Raises:
        ValueError: if `deregistration_seconds` is out of the load balancer's range.
    """

    container: str
    port: int
    health_check_path: str
    health_check_port: int | None = None
    deregistration_seconds: int = 30

    def __post_init__(self) -> None:
        between("deregistration_seconds", self.deregistration_seconds, 0, 3600)

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port a load balancer has to reach, without repetition."""
        return tuple(dict.fromkeys((self.port, self.health_check_port or self.port)))
