"""Task metadata, version 4: what a container may ask about itself."""

from datetime import datetime
from typing import Any

from localstack_dataplane.ecs.task import Task

_UNITS = 1024


def container_document(task: Task, name: str) -> dict[str, Any]:
    """Answer to `${ECS_CONTAINER_METADATA_URI_V4}`.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
    """
    definition, record = task.definition.container(name), task.containers[name]
    seen = task.observed.get(name)
    document: dict[str, Any] = {
        "DockerId": record.runtime_id,
        "Name": name,
        "DockerName": seen.name if seen else "",
        "Image": definition.image,
        "ImageID": "",
        "Labels": {
            "com.amazonaws.ecs.cluster": task.cluster_arn,
            "com.amazonaws.ecs.container-name": name,
            "com.amazonaws.ecs.task-arn": task.arn,
            "com.amazonaws.ecs.task-definition-family": task.definition.family,
            "com.amazonaws.ecs.task-definition-version": task.definition.revision,
        },
        "DesiredStatus": task.desired_status,
        "KnownStatus": record.status,
        "Limits": {"CPU": definition.cpu, "Memory": definition.memory or task.definition.memory or 0},
        "Type": "NORMAL",
        "ContainerARN": record.arn,
        "Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": [task.address]}],
    }
    optional: dict[str, Any] = {
        "ExitCode": record.exit_code,
        "StartedAt": _time(seen.started_at) if seen else None,
        "CreatedAt": _time(task.created_at),
        "Health": {"status": record.health} if definition.health_check else None,
        "LogDriver": "awslogs" if definition.log else None,
        "LogOptions": _log_options(task, name),
    }
    return document | {key: value for key, value in optional.items() if value is not None}


def _log_options(task: Task, name: str) -> dict[str, str] | None:
    log = task.definition.container(name).log
    if log is None:
        return None
    return {
        "awslogs-group": log.group,
        "awslogs-region": log.region or task.region,
        "awslogs-stream": f"{log.prefix}/{name}/{task.id}" if log.prefix else task.id,
    }


def task_document(task: Task) -> dict[str, Any]:
    """Answer to `${ECS_CONTAINER_METADATA_URI_V4}/task`."""
    document: dict[str, Any] = {
        "Cluster": task.cluster_arn,
        "TaskARN": task.arn,
        "Family": task.definition.family,
        "Revision": task.definition.revision,
        "ServiceName": task.service,
        "DesiredStatus": task.desired_status,
        "KnownStatus": task.last_status,
        "Limits": {"CPU": (task.definition.cpu or 0) / _UNITS, "Memory": task.definition.memory or 0},
        "AvailabilityZone": f"{task.region}a",
        "LaunchType": task.launch_type,
        "Containers": [
            container_document(task, name) for name, record in task.containers.items() if record.runtime_id
        ],
    }
    return document


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
