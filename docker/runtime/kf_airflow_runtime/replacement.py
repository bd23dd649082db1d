"""Whether its ECS service replaces a task: decided from what ECS says of the task and of the service."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class OwnTask:
    """What a task knows of itself.

    Args:
        cluster: The ARN or the name of its cluster.
        service: The name of its service.
        definition: Its task definition, as `family:revision`.
        created_at: When its first container was made, which is a little later than the task itself.
    """

    cluster: str
    service: str
    definition: str
    created_at: datetime


def own_task(metadata: Mapping[str, Any]) -> OwnTask:
    """Reads the answer of the task metadata endpoint.

    Raises:
        KeyError: It lacks something.
    """
    moments = [
        datetime.fromisoformat(container["CreatedAt"])
        for container in metadata["Containers"]
        if container.get("CreatedAt")
    ]
    return OwnTask(
        cluster=metadata["Cluster"],
        # Fargate does not promise the service's name. The library calls a service and its family the same.
        service=metadata.get("ServiceName") or metadata["Family"],
        definition=f"{metadata['Family']}:{metadata['Revision']}",
        created_at=min(moments),
    )


def replaced_by(service: Mapping[str, Any], own: OwnTask) -> str:
    """What replaces the task, in words; empty if nothing does, or not yet.

    Its place is taken once a task of the new deployment runs, or when none can come before this one goes.
    Until then the worker goes on: a deployment whose tasks do not come up is rolled back, and nobody else
    would work. What belongs to the wanted deployment once more, after such a rollback, is not replaced.

    Args:
        service: The service as DescribeServices gives it.
        own: The task.
    """
    primary = _primary(service)
    definition = _definition(primary)
    # A deployment that is forced has the same definition, and is younger than the tasks that it replaces.
    if definition == own.definition and primary["createdAt"] <= own.created_at:
        return ""
    if not primary["runningCount"] and not _full(service, primary):
        return ""
    return f"{definition} ({primary['id']})"


def wanted(service: Mapping[str, Any], own: OwnTask) -> bool:
    """Whether the service is to run the task's definition, now or once a deployment is through.

    Args:
        service: The service as DescribeServices gives it.
        own: The task.
    """
    return _definition(_primary(service)) == own.definition


def _primary(service: Mapping[str, Any]) -> Mapping[str, Any]:
    deployment: Mapping[str, Any] = next(
        item for item in service["deployments"] if item["status"] == "PRIMARY"
    )
    return deployment


def _definition(deployment: Mapping[str, Any]) -> str:
    return str(deployment["taskDefinition"]).rpartition("/")[2]


def _full(service: Mapping[str, Any], primary: Mapping[str, Any]) -> bool:
    """Whether the service has no room for a further task."""
    percent = service.get("deploymentConfiguration", {}).get("maximumPercent", 200)
    room = service["desiredCount"] * percent // 100 - service["runningCount"] - service["pendingCount"]
    return room <= 0 and not primary["pendingCount"]
