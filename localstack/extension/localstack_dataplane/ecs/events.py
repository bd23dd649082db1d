"""What ECS tells EventBridge about tasks, services and deployments.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
"""

import threading
from collections.abc import Callable
from typing import Any

from localstack_dataplane.clock import now
from localstack_dataplane.ecs.event_bus import Event
from localstack_dataplane.ecs.service import Service
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.ecs.task_api import api_document

_TYPES = {
    "SERVICE_STEADY_STATE": "INFO",
    "TASKS_STOPPED": "INFO",
    "SERVICE_TASK_START_IMPAIRED": "WARN",
    "SERVICE_DEPLOYMENT_IN_PROGRESS": "INFO",
    "SERVICE_DEPLOYMENT_COMPLETED": "INFO",
    "SERVICE_DEPLOYMENT_FAILED": "ERROR",
}


class Events:
    """Makes the events; safe to use from several threads.

    Args:
        put: Where they go.
    """

    def __init__(self, put: Callable[[Event], None]) -> None:
        self._put = put
        self._lock = threading.Lock()

    def task(self, task: Task) -> None:
        """Tell of a task if it or one of its containers has changed since it was last told of.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
        """
        with self._lock:
            state = _state(task)
            if state == task.told:
                return
            task.told = state
            task.version += 1
            self._put(
                Event(
                    account=task.account,
                    region=task.region,
                    detail_type="ECS Task State Change",
                    resource=task.arn,
                    detail=task_detail(task),
                )
            )

    def action(self, service: Service, name: str) -> None:
        """Tell what the scheduler did for a service, or found.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
        """
        detail = {
            "eventType": _TYPES[name],
            "eventName": name,
            "clusterArn": f"arn:aws:ecs:{service.region}:{service.account}:cluster/{service.cluster}",
            "createdAt": now(),
        }
        self._put(_of_service(service, "ECS Service Action", detail))

    def deployment(self, service: Service, name: str, deployment: str, reason: str) -> None:
        """Tell how a deployment of a service goes.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
        """
        detail = {
            "eventType": _TYPES[name],
            "eventName": name,
            "deploymentId": deployment,
            "updatedAt": now(),
            "reason": reason,
        }
        self._put(_of_service(service, "ECS Deployment State Change", detail))


def task_detail(task: Task) -> dict[str, Any]:
    """The detail of a task's event: the task as DescribeTasks gives it, but for its health and tags."""
    document = api_document(task)
    for absent in ("healthStatus", "tags", "platformFamily"):
        document.pop(absent)
    for container in document["containers"]:
        for absent in ("healthStatus", "networkBindings"):
            container.pop(absent)
    for attachment in document["attachments"]:
        attachment["type"] = "eni"
    return document | {"updatedAt": now()}


def _state(task: Task) -> tuple[Any, ...]:
    containers = tuple((name, item.status, item.exit_code) for name, item in task.containers.items())
    return task.last_status, task.desired_status, containers


def _of_service(service: Service, detail_type: str, detail: dict[str, Any]) -> Event:
    return Event(
        account=service.account,
        region=service.region,
        detail_type=detail_type,
        resource=service.arn,
        detail=detail,
    )
