"""Everything in the engine that belongs to the local system: found by its label, and removed."""

from collections.abc import Callable
from functools import partial

import docker
from docker.errors import NotFound
from docker.models.containers import Container

from kf_airflow_local.errors import LauncherError
from kf_airflow_local.localstack import LABEL, NAME
from kf_airflow_local.workspace import INSTANCE


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
    containers = client.containers.list(all=True, filters=label)
    for container in sorted(containers, key=lambda found: found.name != NAME):
        say(f"container {container.name}")
        _remove(partial(container.remove, force=True, v=True))
    # What the reconciler made between the list and its end.
    for container in client.containers.list(all=True, filters=label):
        _remove(partial(container.remove, force=True, v=True))
    for volume in client.volumes.list(filters=label):
        say(f"volume {volume.name}")
        _remove(partial(volume.remove, force=True))
    for network in client.networks.list(filters=label):
        say(f"network {network.name}")
        _remove(network.remove)
    if left := names(client):
        raise LauncherError(f"Docker still has {', '.join(left)}: run nox -s down again.")


def names(client: docker.DockerClient) -> list[str]:
    """Name everything in the engine that carries the instance's label."""
    label = _filters()
    return [
        *(f"container {found.name}" for found in client.containers.list(all=True, filters=label)),
        *(f"volume {found.name}" for found in client.volumes.list(filters=label)),
        *(f"network {found.name}" for found in client.networks.list(filters=label)),
    ]


def containers(client: docker.DockerClient, kind: str) -> list[Container]:
    """Return the containers of one kind: ``rds``, ``elasticache``, ``elbv2``, ..."""
    return client.containers.list(all=True, filters=_filters(f"{LABEL}.kind={kind}"))


def _filters(*labels: str) -> dict[str, str | list[str] | bool]:
    return {"label": [f"{LABEL}.instance={INSTANCE}", *labels]}


def _remove(remove: Callable[[], None]) -> None:
    try:
        remove()
    except NotFound:
        return
