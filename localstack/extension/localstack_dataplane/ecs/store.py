"""The tasks of every cluster."""

import threading
from collections.abc import Iterable
from datetime import timedelta

from localstack_dataplane.clock import now
from localstack_dataplane.ecs.task import Task

_REMEMBERED = timedelta(hours=1)
"""How long ECS still describes a stopped task."""


class TaskStore:
    """Tasks by id, safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}

    def add(self, task: Task) -> None:
        """Take in a new task."""
        with self._lock:
            self._tasks[task.id] = task

    def restore(self, tasks: Iterable[Task]) -> None:
        """Take in the tasks of the process before; its workers are gone."""
        for task in tasks:
            task.busy = False
            self.add(task)

    def get(self, task_id: str) -> Task | None:
        """The task with this id; None if there is none."""
        with self._lock:
            return self._tasks.get(task_id)

    def all(self) -> list[Task]:
        """Every task, stopped ones too, oldest first."""
        with self._lock:
            return list(self._tasks.values())

    def active(self) -> list[Task]:
        """Tasks that are not STOPPED."""
        return [task for task in self.all() if not task.stopped]

    def of_service(self, account: str, region: str, cluster: str, service: str) -> list[Task]:
        """Tasks of one service that are not STOPPED."""
        key = (account, region, cluster, service)
        return [task for task in self.active() if task.service_key == key]

    def forget_old(self) -> None:
        """Drop what stopped an hour ago or earlier."""
        limit = now() - _REMEMBERED
        with self._lock:
            old = [key for key, task in self._tasks.items() if task.stopped_at and task.stopped_at < limit]
            for key in old:
                del self._tasks[key]
