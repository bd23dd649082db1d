"""How many workers ECS is kept from stopping. For how long, each worker says itself (`worker_protection`)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from kf_airflow_runtime.worker_demand import Measurement

LOOK_SECONDS = 60.0
"""How often ECS is asked: it is about hours."""

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_GetTaskProtection.html
_MOST_TASKS_A_CALL = 100


class WorkerProtections:
    """Looks now and then how many tasks are protected.

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
        self._found: dict[str, int] = {}

    def read(self) -> dict[str, int]:
        """How many of each service are, from a look that is a minute old at most."""
        now = self._clock()
        if self._looked is None or now >= self._looked + LOOK_SECONDS:
            # One that fails is not tried again before its time, and leaves what was known.
            self._looked = now
            self._found = {service: sum(self._protected(service)) for service in self._services}
        return self._found

    def _protected(self, service: str) -> Iterator[bool]:
        ecs = self._ecs()
        pages = ecs.get_paginator("list_tasks").paginate(cluster=self._cluster, serviceName=service)
        tasks = [task for page in pages for task in page["taskArns"]]
        for first in range(0, len(tasks), _MOST_TASKS_A_CALL):
            asked = tasks[first : first + _MOST_TASKS_A_CALL]
            for found in ecs.get_task_protection(cluster=self._cluster, tasks=asked)["protectedTasks"]:
                yield found["protectionEnabled"]


def of_protections(cluster: str, found: dict[str, int]) -> list[Measurement]:
    """What is published of them.

    Args:
        cluster: The ECS cluster's name.
        found: How many are protected, by ECS service.
    """
    return [
        Measurement({"ClusterName": cluster, "ServiceName": service}, {"ProtectedWorkers": float(workers)})
        for service, workers in found.items()
    ]
