"""What Docker runs, as the controllers see it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localstack_dataplane.config import LABEL_PREFIX

_EXITED = re.compile(r"^Exited \((\d+)\)")


class DockerError(RuntimeError):
    """Docker refused or failed; the message says what was asked and why it did not happen."""


class ImageError(DockerError):
    """An image is neither here nor in a registry that answers."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """A Docker health check; times in seconds.

    Attributes:
        test: As in Docker: `["CMD", ...]` or `["CMD-SHELL", "..."]`.
        interval: Time between two checks.
        timeout: After this long a check has failed.
        retries: Failures in a row until the container is unhealthy.
        start_period: Failures in this time after the start do not count.
    """

    test: tuple[str, ...]
    interval: float = 30
    timeout: float = 5
    retries: int = 3
    start_period: float = 0


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container as Docker reports it.

    Attributes:
        id: Docker's full id.
        name: Without the leading slash.
        status: created, running, paused, restarting, exited or dead.
        exit_code: None while it has not exited.
        health: starting, healthy or unhealthy; None without health check.
        address: In the network of the data plane; empty if it has none of its own or is not running.
        labels: All labels.
        started_at: Of the last start; None if it never started.
        image: As named when it was created.
        finished_at: Of the last exit; None if it never exited.
        oom_killed: Whether the kernel killed it for its memory limit.
    """

    id: str
    name: str
    status: str
    exit_code: int | None = None
    health: str | None = None
    address: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    image: str = ""
    finished_at: datetime | None = None
    oom_killed: bool = False

    @property
    def running(self) -> bool:
        """Whether its main process runs."""
        return self.status == "running"

    @property
    def exited(self) -> bool:
        """Whether its main process ended."""
        return self.status in {"exited", "dead"}

    def label(self, key: str) -> str:
        """One of our labels without its prefix; empty if it is not there."""
        return self.labels.get(f"{LABEL_PREFIX}.{key}", "")


def state_key(summary: Mapping[str, Any]) -> str:
    """What of a line of `docker ps` changes only when the container changes, not with time."""
    return f"{summary['State']}/{_exit_code(summary)}/{_health(summary)}"


def container_from(summary: Mapping[str, Any], details: Mapping[str, Any], network: str) -> Container:
    """Make a Container of a line of `docker ps` and the State part of `docker inspect`."""
    networks = summary.get("NetworkSettings", {}).get("Networks", {})
    return Container(
        id=summary["Id"],
        name=summary["Names"][0].lstrip("/") if summary["Names"] else "",
        status=summary["State"],
        exit_code=_exit_code(summary),
        health=_health(summary),
        address=networks.get(network, {}).get("IPAddress") or "",
        labels=summary.get("Labels") or {},
        started_at=_time(details.get("StartedAt", "")),
        image=summary["Image"],
        finished_at=_time(details.get("FinishedAt", "")),
        oom_killed=bool(details.get("OOMKilled")),
    )


def _exit_code(summary: Mapping[str, Any]) -> int | None:
    match = _EXITED.match(summary["Status"])
    return int(match[1]) if match else None


def _health(summary: Mapping[str, Any]) -> str | None:
    status = summary["Status"]
    for text, health in (
        ("(healthy)", "healthy"),
        ("(unhealthy)", "unhealthy"),
        ("(health: starting)", "starting"),
    ):
        if text in status:
            return health
    return None


def _time(value: str) -> datetime | None:
    """Docker's time stamp; its zero value means never."""
    if not value or value.startswith("0001-"):
        return None
    return datetime.fromisoformat(value)
