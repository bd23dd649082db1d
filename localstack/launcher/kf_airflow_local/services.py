"""The containers of the local system, by what people call the service they are."""

from typing import Any

import docker
from docker.models.containers import Container

from kf_airflow_local.errors import LauncherError
from kf_airflow_local.localstack import LABEL, NAME
from kf_airflow_local.workspace import INSTANCE

_KINDS = {"rds": "database", "elasticache": "broker", "elbv2": "load-balancer"}
_OF_ECS = "ecs-container"


def service_of(container: Container) -> str | None:
    """What a container is called: a container of a task as there, the others by what they stand for.

    None for what nobody asks for, such as what holds the network of a task.
    """
    if container.name == NAME:
        return "localstack"
    kind = container.labels.get(f"{LABEL}.kind", "")
    if kind == _OF_ECS:
        return str(container.labels.get(f"{LABEL}.container"))
    return _KINDS.get(kind)


def containers_of(client: docker.DockerClient, service: str) -> list[Container]:
    """Return the containers of a service, what was made last first.

    Args:
        client: The engine.
        service: Such as ``scheduler``, ``worker``, ``database`` or ``localstack``; also the name of an ECS
            service, such as ``kf-airflow-local-worker``.

    Raises:
        LauncherError: When there are none; it names the services that there are.
    """
    mine = client.containers.list(
        all=True, filters={"label": [f"{LABEL}.instance={INSTANCE}"]}, ignore_removed=True
    )
    found = [one for one in mine if service in {service_of(one), one.labels.get(f"{LABEL}.service")} - {None}]
    if found:
        return sorted(found, key=_made, reverse=True)
    known = sorted({name for one in mine if (name := service_of(one))})
    if not known:
        raise LauncherError("Nothing runs: nox -s up brings it up.")
    raise LauncherError(f"There is no service {service!r}: there are {', '.join(known)}.")


def _made(container: Container) -> str:
    attributes: dict[str, Any] = container.attrs
    return str(attributes.get("Created", ""))
