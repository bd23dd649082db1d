"""Spot interruptions on demand: what happens to a task on FARGATE_SPOT when AWS wants its capacity back.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html#fargate-capacity-providers-termination
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localstack_dataplane.aws import Aws
from localstack_dataplane.clock import now
from localstack_dataplane.config import Config
from localstack_dataplane.control import ControlError
from localstack_dataplane.ecs.capacity import SPOT
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.ecs.task_api import api_document

LOG = logging.getLogger(__name__)

CONTROL = "spot-interruption"
NOTICE_SECONDS = 120

_CODE, _REASON = "SpotInterruption", "Your Spot Task was interrupted."


class SpotInterruptions:
    """Interrupts tasks: SIGTERM and an event at once, SIGKILL at the end of the notice.

    Args:
        config: Scales the notice.
        tasks: The tasks.
        aws: EventBridge, where the warning goes.
        wake: Called afterwards, so that it is acted on at once.
    """

    def __init__(self, config: Config, tasks: TaskStore, aws: Aws, wake: Callable[[], None]) -> None:
        self._config, self._tasks, self._aws, self._wake = config, tasks, aws, wake

    def interrupt(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer to POST /_dataplane/spot-interruption with `{"task": <ARN or id>}`."""
        task = self._tasks.get(str(request.get("task", "")).rpartition("/")[2])
        if task is None or task.stopped:
            raise ControlError(f"There is no task {request.get('task')!r}.", HTTPStatus.NOT_FOUND)
        if task.capacity_provider != SPOT:
            raise ControlError(f"Task {task.id} runs on {task.capacity_provider or task.launch_type}.")
        if task.stopping:
            raise ControlError(f"Task {task.id} stops already: {task.stopped_reason}")
        task.notice_ends = now() + timedelta(seconds=self._config.scaled(NOTICE_SECONDS))
        task.stop(_CODE, _REASON)
        LOG.info("Task %s (%s) is interrupted, its notice ends at %s", task.id, task.group, task.notice_ends)
        self._wake()
        self._warn(task)
        return {"task": task.arn, "noticeEnds": task.notice_ends.isoformat()}

    def _warn(self, task: Task) -> None:
        """Send the task state change event.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
        """
        event = {
            "Source": "aws.ecs",
            "DetailType": "ECS Task State Change",
            "Resources": [task.arn],
            "Detail": json.dumps(api_document(task), default=_plain),
        }
        try:
            self._aws.client("events", task.account, task.region).put_events(Entries=[event])
        except (ClientError, BotoCoreError) as error:
            LOG.warning("No event tells of the interruption of task %s: %s", task.id, error)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"{value!r} is nothing that JSON has.")
