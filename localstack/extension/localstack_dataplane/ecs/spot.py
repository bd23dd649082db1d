"""Spot interruptions on demand: what happens to a task on FARGATE_SPOT when AWS wants its capacity back.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html#fargate-capacity-providers-termination
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from localstack_dataplane.clock import now
from localstack_dataplane.config import Config
from localstack_dataplane.control import ControlError
from localstack_dataplane.ecs.capacity import SPOT
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.store import TaskStore

LOG = logging.getLogger(__name__)

CONTROL = "spot-interruption"
NOTICE_SECONDS = 120

_CODE, _REASON = "SpotInterruption", "Your Spot Task was interrupted."


class SpotInterruptions:
    """Interrupts tasks: SIGTERM and an event at once, SIGKILL at the end of the notice.

    Args:
        config: Scales the notice.
        tasks: The tasks.
        events: Where the warning goes.
        wake: Called afterwards, so that it is acted on at once.
    """

    def __init__(self, config: Config, tasks: TaskStore, events: Events, wake: Callable[[], None]) -> None:
        self._config, self._tasks, self._events, self._wake = config, tasks, events, wake

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
        self._events.task(task)  # before a pass sees it stopping: the warning is of a task that runs
        self._wake()
        return {"task": task.arn, "noticeEnds": task.notice_ends.isoformat()}
