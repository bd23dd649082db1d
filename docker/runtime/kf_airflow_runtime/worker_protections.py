"""Which workers ECS is kept from stopping, and for how long already."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kf_airflow_runtime.worker_demand import Measurement

LOOK_SECONDS = 60.0
"""How often ECS is asked: it is about hours."""

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GetTaskProtection.html
_MOST_TASKS_A_CALL = 100


@dataclass(frozen=True)
class Protections:
    """The workers of a service that are protected.

    Args:
        workers: How many are.
        longest_seconds: For how long the one that has been so for longest; 0 when none is.
    """

    workers: int
    longest_seconds: float


class WorkerProtections:
    """Looks which tasks are protected, and remembers since when: ECS only says until when.

    A new process knows of none from before, so what it tells is never too long.

    Args:
        ecs: Returns a client of ECS.
        cluster: The cluster's name.
        services: The names of the services.
        clock: Seconds that never go back (`time.monotonic`).
    """

    def __init__(
        self, ecs: Callable[[], Any], cluster: str, services: Sequence[str], clock: Callable[[], float]
    ) -> None:
        self._ecs, self._cluster, self._services, self._clock = ecs, cluster, tuple(services), clock
        self._looked: float | None = None
        self._since: dict[str, dict[str, float]] = {}

    def read(self) -> dict[str, Protections]:
        """What is known of each service, from a look that is a minute old at most."""
        now = self._clock()
        if self._looked is None or now >= self._looked + LOOK_SECONDS:
            # One that fails is not tried again before its time, and leaves what was known.
            self._looked = now
            self._since = {service: self._look(service, now) for service in self._services}
        return {
            service: Protections(len(since), max((now - one for one in since.values()), default=0.0))
            for service, since in self._since.items()
        }

    def _look(self, service: str, now: float) -> dict[str, float]:
        before = self._since.get(service, {})
        return {task: before.get(task, now) for task in self._protected(service)}

    def _protected(self, service: str) -> Iterator[str]:
        ecs = self._ecs()
        pages = ecs.get_paginator("list_tasks").paginate(cluster=self._cluster, serviceName=service)
        tasks = [task for page in pages for task in page["taskArns"]]
        for first in range(0, len(tasks), _MOST_TASKS_A_CALL):
            asked = tasks[first : first + _MOST_TASKS_A_CALL]
            for found in ecs.get_task_protection(cluster=self._cluster, tasks=asked)["protectedTasks"]:
                if found["protectionEnabled"]:
                    yield found["taskArn"]


def of_protections(cluster: str, found: dict[str, Protections]) -> list[Measurement]:
    """What is published of them.

    Args:
        cluster: The ECS cluster's name.
        found: The protections by ECS service.
    """
    return [
        Measurement(
            {"ClusterName": cluster, "ServiceName": service},
            {"ProtectedWorkers": float(one.workers), "ProtectedSeconds": round(one.longest_seconds, 1)},
        )
        for service, one in found.items()
    ]
