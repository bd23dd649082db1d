"""Everything in the engine that belongs to the local system: found by its label, and removed."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

from kf_airflow_local.errors import LauncherError
from kf_airflow_local.localstack import LABEL, NAME
from kf_airflow_local.workspace import INSTANCE

REMOVAL_SECONDS = 20


def remove_everything(client: docker.DockerClient, say: Callable[[str], None]) -> None:
    """Remove every container, volume and network that carries the instance's label.

    Args:
        client: The engine.
        say: Told what goes.

    Raises:
        LauncherError: When something is still there afterwards.
    """
    label = _filters()
    # LocalStack goes first: its reconciler would put back what is taken away beneath it.
    containers = _containers(client, label)
    for container in sorted(containers, key=lambda found: found.name != NAME):
        say(f"container {container.name}")
        _remove(partial(container.remove, force=True, v=True))
    _finish(client, label)
    for volume in client.volumes.list(filters=label):
        say(f"volume {volume.name}")
        _remove(partial(volume.remove, force=True))
    for network in client.networks.list(filters=label):
        say(f"network {network.name}")
        try:
            _remove(network.remove)
        except APIError as error:
            if "active endpoints" not in str(error):
                raise
            raise LauncherError(
                f"Docker holds an endpoint of the network {network.name} that no container of ours has: take "
                "other containers out of it (docker network inspect), or restart the engine; then run "
                "nox -s down again."
            ) from error
    if left := names(client):
        raise LauncherError(f"Docker still has {', '.join(left)}: run nox -s down again.")


def _finish(client: docker.DockerClient, label: dict[str, Any]) -> None:
    """Remove what LocalStack still made before its end, and wait for what the engine is removing already.

    Volumes and networks are in use until the last container is gone.
    """
    deadline = time.monotonic() + REMOVAL_SECONDS
    while (left := _containers(client, label)) and time.monotonic() < deadline:
        for container in left:
            _remove(partial(container.remove, force=True, v=True))
        time.sleep(0.5)


def names(client: docker.DockerClient) -> list[str]:
    """Name everything in the engine that carries the instance's label."""
    label = _filters()
    return [
        *(f"container {found.name}" for found in _containers(client, label)),
        *(f"volume {found.name}" for found in client.volumes.list(filters=label)),
        *(f"network {found.name}" for found in client.networks.list(filters=label)),
    ]


def containers(client: docker.DockerClient, kind: str) -> list[Container]:
    """Return the containers of one kind: ``rds``, ``elasticache``, ``elbv2``, ..."""
    return _containers(client, _filters(f"{LABEL}.kind={kind}"))


def _containers(client: docker.DockerClient, filters: dict[str, Any]) -> list[Container]:
    # LocalStack makes and removes containers while we list them: one that has just gone is none.
    return client.containers.list(all=True, filters=filters, ignore_removed=True)


def _filters(*labels: str) -> dict[str, str | list[str] | bool]:
    return {"label": [f"{LABEL}.instance={INSTANCE}", *labels]}


def _remove(remove: Callable[[], None]) -> None:
    try:
        remove()
    except NotFound:
        return
    except APIError as error:
        # LocalStack was ended while it had the engine remove the same thing: that goes on without it.
        if "already in progress" not in str(error):
            raise
