"""How much CPU and memory a task may have, and what Airflow makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.tables import Table

# CPU units -> the memory sizes (MiB) Fargate offers with them.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
FARGATE_MEMORY_MIB: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}

# What an idle Celery worker keeps for itself, and what one running task (supervisor and task process, which
# share most of their pages with it) adds; measured with Airflow 3.3 and light tasks.
_WORKER_BASE_MIB = 512
_TASK_MIB = 256
_TASKS_PER_VCPU = 8


@dataclass(frozen=True, kw_only=True)
class ServiceSize(Table):
    """The size of a service's tasks, and how many run.

    Args:
        cpu: CPU units of a task, 1024 to a vCPU.
        memory_mib: Memory of a task in MiB; what Fargate offers depends on `cpu`.
        count: How many tasks run. One if left out.

    Raises:
        ValueError: if Fargate has no such size, or `count` is negative.
    """

    cpu: int
    memory_mib: int
    count: int = 1

    def __post_init__(self) -> None:
        if self.cpu not in FARGATE_MEMORY_MIB:
            raise ValueError(f"cpu is {self.cpu}: allowed are {_listed(FARGATE_MEMORY_MIB)}")
        allowed = FARGATE_MEMORY_MIB[self.cpu]
        if self.memory_mib not in allowed:
            raise ValueError(
                f"memory_mib is {self.memory_mib}: allowed with cpu {self.cpu} are {_listed(allowed)}"
            )
        if self.count < 0:
            raise ValueError(f"count is {self.count}: allowed are 0 and more")


@dataclass(frozen=True, kw_only=True)
class WorkerSize(ServiceSize):
    """The size of the Celery workers.

    Args:
        cpu: CPU units of a worker, 1024 to a vCPU.
        memory_mib: Memory of a worker in MiB.
        count: How many workers run. One if left out.
        max_count: How many workers may run at most; Airflow's parallelism follows from it. `count` if left
            out.
        concurrency: How many Airflow tasks a worker runs at once. If left out it follows from CPU and memory:
            eight a vCPU, and 256 MiB each beside the 512 MiB the worker itself needs.

    Raises:
        ValueError: if Fargate has no such size, or the numbers contradict each other.
    """

    max_count: int | None = None
    concurrency: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.max_count is not None and self.max_count < self.count:
            raise ValueError(f"max_count is {self.max_count}: allowed are count ({self.count}) and more")
        if self.concurrency is not None and self.concurrency < 1:
            raise ValueError(f"concurrency is {self.concurrency}: allowed are 1 and more")

    @property
    def tasks_at_once(self) -> int:
        """How many Airflow tasks one worker runs at once."""
        if self.concurrency is not None:
            return self.concurrency
        by_cpu = self.cpu * _TASKS_PER_VCPU // 1024
        by_memory = (self.memory_mib - _WORKER_BASE_MIB) // _TASK_MIB
        return max(1, min(by_cpu, by_memory))

    @property
    def slots(self) -> int:
        """How many Airflow tasks all workers together run at once, when as many run as may."""
        return max(1, self.max_count or self.count) * self.tasks_at_once


def parallelism(workers: WorkerSize, *, schedulers: int) -> int:
    """Returns Airflow's `[core] parallelism`, which counts for each scheduler.

    It equals the workers' slots, so that a task no worker has room for stays `scheduled`: a `queued` task's
    clock runs, and its token with it.
    """
    return -(-workers.slots // max(1, schedulers))


def _listed(numbers: dict[int, tuple[int, ...]] | tuple[int, ...]) -> str:
    return ", ".join(str(number) for number in numbers)
