"""A task in the form of the API."""

import platform
from collections.abc import Mapping
from typing import Any

from localstack_dataplane.ecs.task import Task


def api_document(task: Task) -> dict[str, Any]:
    """The task as DescribeTasks gives it.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
    """
    document: dict[str, Any] = {
        "taskArn": task.arn,
        "clusterArn": task.cluster_arn,
        "taskDefinitionArn": task.definition.arn,
        "group": task.group,
        "lastStatus": task.last_status,
        "desiredStatus": task.desired_status,
        "healthStatus": task.health,
        "connectivity": "CONNECTED" if task.network else "DISCONNECTED",
        "availabilityZone": f"{task.region}a",
        "launchType": task.launch_type,
        "platformVersion": task.platform_version,
        "platformFamily": "Linux",
        "enableExecuteCommand": task.enable_execute_command,
        "version": task.version,
        "containers": [_container(task, name) for name in task.containers],
        "attachments": [_attachment(task)],
        "overrides": {"containerOverrides": [], **task.overrides},
        "tags": task.tags,
        "attributes": [{"name": "ecs.cpu-architecture", "value": _architecture()}],
    }
    optional = {
        "capacityProviderName": task.capacity_provider,
        "startedBy": task.started_by,
        "cpu": str(task.definition.cpu or ""),
        "memory": str(task.definition.memory or ""),
        "createdAt": task.created_at,
        "startedAt": task.started_at,
        "stoppingAt": task.stopping_at,
        "stoppedAt": task.stopped_at,
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
    }
    return document | {key: value for key, value in optional.items() if value}


def _container(task: Task, name: str) -> dict[str, Any]:
    definition, record = task.definition.container(name), task.containers[name]
    document: dict[str, Any] = {
        "containerArn": record.arn,
        "taskArn": task.arn,
        "name": name,
        "image": definition.image,
        "lastStatus": record.status,
        "healthStatus": record.health,
        "networkBindings": [],
        "networkInterfaces": _interfaces(task),
        "cpu": str(definition.cpu),
    }
    optional: Mapping[str, Any] = {
        "runtimeId": record.runtime_id,
        "exitCode": record.exit_code,
        "reason": record.reason or None,
        "memory": str(definition.memory) if definition.memory else None,
    }
    return document | {key: value for key, value in optional.items() if value is not None}


def _interfaces(task: Task) -> list[dict[str, str]]:
    if not task.address:
        return []
    return [{"attachmentId": task.attachment, "privateIpv4Address": task.address}]


def _attachment(task: Task) -> dict[str, Any]:
    details = {
        "subnetId": task.subnet,
        "networkInterfaceId": task.interface,
        "privateIPv4Address": task.address,
        "privateDnsName": f"ip-{task.address.replace('.', '-')}.ec2.internal" if task.address else "",
    }
    status = "DELETED" if task.stopped else "ATTACHED" if task.address else "PRECREATED"
    return {
        "id": task.attachment,
        "type": "ElasticNetworkInterface",
        "status": status,
        "details": [{"name": key, "value": value} for key, value in details.items() if value],
    }


def _architecture() -> str:
    return "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
