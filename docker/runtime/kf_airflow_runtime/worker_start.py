"""Starts a worker once there is something to work for.

A worker would end if the database did not let it in, and ends count: ECS's circuit breaker gives a deployment
up after three. And it must not take tasks whose webserver is older than its own Airflow: the execution API
serves older clients than itself, and answers what it does not know yet with 404 or 422, which fails the task.

While it waits it answers the health check. On a first deployment nothing serves yet, for `migrate` makes the
role that workers log in with, and the service `airflow` comes after the workers: waiting is what a healthy
worker does then. Later on it is not, so that the old workers stay and the deployment goes back.
"""

import json
import os
import socket
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

from packaging.version import InvalidVersion, Version

from kf_airflow_runtime import after_login, health_port
from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.refusal import EXIT_TEMPORARY

LIMIT_SECONDS = 170.0
"""For waiting that is not healthy: below the 180 s for which ECS does not count failing health checks
(`startPeriod`)."""

_PAUSE_SECONDS = 3.0
_ANSWER_SECONDS = 5.0
_RESULTS_URL = "AIRFLOW__CELERY__RESULT_BACKEND"
_EXECUTION_API_URL = "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"
_UNKNOWN_HOST = {socket.EAI_NONAME, socket.EAI_NODATA}


@dataclass(frozen=True)
class Sight:
    """What a worker sees of what it works for.

    Args:
        refusal: Why the database does not let it in. None if it does.
        webserver_exists: Whether the webserver's name has an address.
        webserver_version: The webserver's Airflow. None if it does not say.
    """

    refusal: str | None
    webserver_exists: bool
    webserver_version: str | None


@dataclass(frozen=True)
class Obstacle:
    """Why a worker waits.

    Args:
        reason: For its log and its health check.
        healthy: Whether to wait is right.
    """

    reason: str
    healthy: bool

    def verdict(self) -> tuple[bool, str]:
        """What the health check is told."""
        return self.healthy, self.reason


def obstacle(sight: Sight, own_version: str) -> Obstacle | None:
    """Why the worker has to wait; None if it may start, as it may while a webserver is away for a moment.

    Args:
        sight: What it sees.
        own_version: Its own Airflow.
    """
    if sight.refusal is not None:
        if not sight.webserver_exists:
            return Obstacle(f"waiting for the first migration: {sight.refusal}", healthy=True)
        return Obstacle(f"waiting for the database: {sight.refusal}", healthy=False)
    if sight.webserver_version is not None and _is_older(sight.webserver_version, own_version):
        return Obstacle(
            f"waiting for a webserver of Airflow {own_version}: it is {sight.webserver_version}, and an "
            'older one does not serve newer workers; deploy with rollout_order = "airflow-first"',
            healthy=False,
        )
    return None


def look(results_url: str, execution_api_url: str) -> Sight:
    """Asks the database and the webserver.

    Args:
        results_url: Where Celery's results go, as Airflow takes it.
        execution_api_url: The execution API.
    """
    parts = urlsplit(execution_api_url)
    exists = _is_known(parts.hostname or "", parts.port or 80)
    base = execution_api_url.rstrip("/").removesuffix("/execution")
    return Sight(
        refusal=after_login.refusal(results_url.removeprefix("db+")),
        webserver_exists=exists,
        webserver_version=_version_at(f"{base}/api/v2/version") if exists else None,
    )


class Waiting:
    """A worker that waits, as its health check sees it."""

    def __init__(self) -> None:
        self._obstacle: Obstacle | None = None
        self._since = 0.0
        self._answers = False

    def verdict(self) -> tuple[bool, str]:
        """Whether to wait is right, and what for."""
        return self._obstacle.verdict() if self._obstacle else (True, "about to start")

    def go_on(self, found: Obstacle) -> bool:
        """Takes notice of what is in the way; returns whether there is time left to wait for its end."""
        if found != self._obstacle:
            say(found.reason, event="worker-start-waits")
        if found.healthy or self._obstacle is None or self._obstacle.healthy:
            self._since = time.monotonic()
        self._obstacle = found
        if not self._answers:
            self._answers = True
            server = health_port.listen(health_port.PORT)
            threading.Thread(target=health_port.serve, args=(server, self), daemon=True).start()
        return found.healthy or time.monotonic() - self._since < LIMIT_SECONDS


def main() -> None:
    """`worker_start <command...>`: waits, then becomes the command; exits with 75 if that takes too long."""
    waiting, own_version = Waiting(), version("apache-airflow-core")
    while found := obstacle(look(os.environ[_RESULTS_URL], os.environ[_EXECUTION_API_URL]), own_version):
        if not waiting.go_on(found):
            say(
                f"gave up after {LIMIT_SECONDS:.0f} s: {found.reason}",
                event="worker-start-gives-up",
                level="warning",
            )
            sys.exit(EXIT_TEMPORARY)
        time.sleep(_PAUSE_SECONDS)
    # What listens is closed by this, as is every socket of Python's: Celery listens there next.
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606


def _is_known(host: str, port: int) -> bool:
    """Whether a name has an address, or may have one: a resolver that does not answer knows nothing."""
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return error.errno not in _UNKNOWN_HOST
    return True


def _version_at(url: str) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 - the webserver's
            return str(json.load(answer)["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_older(webserver: str, own: str) -> bool:
    try:
        return Version(webserver) < Version(own)
    except InvalidVersion:
        return False


if __name__ == "__main__":
    main()
