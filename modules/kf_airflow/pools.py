"""Pools of workers: which there are, what each is called, and which queues it serves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from kf_airflow.configuration import checked_queue
from kf_airflow.memory_checks import TASK_MIB, WORKER_MIB, check_tasks
from kf_airflow.naming import MAXIMUM_SERVICE_NAME_LENGTH, checked_service_name
from kf_airflow.options import Extras, FargateOptions, QueueScaling

DEFAULT_POOL = "worker"
# Airflow's own.
DEFAULT_QUEUE = "default"

_TASKS_PER_VCPU = 8

# What else in a deployment is called `<deployment>-<name>`, or stands beside the pools in the construct tree,
# and the default pool.
RESERVED_NAMES = (
    *("access-logs", "airflow", "broker", "cluster", "credentials", "database", "database-proxy"),
    *("endpoints", "flower", "ingress", "key", "network", "observability", "proxy", "rds", "storage"),
    "webserver",
    DEFAULT_POOL,
)
_RESERVED_BEGINNINGS = ("broker-from-", "database-from-", "logs-of-", "protection-of-")


@dataclass(frozen=True, kw_only=True)
class WorkerPool(FargateOptions):
    """How a pool of workers is made: an ECS service of its own, and the queues its workers serve.

    The arguments not named here are those of `ServiceOptions`.

    Args:
        zone_rebalancing: Whether ECS moves workers when one zone has more than another. False if left out, as
            a worker that is moved ends what it runs.
        concurrency: How many Airflow tasks a worker runs at once, no more than there is memory for: 256 MiB
            each beside the 512 MiB the worker itself needs. If left out it follows from that and the CPU,
            eight a vCPU.
        queues: The Celery queues its workers take tasks from. If left out, the one named as the pool; that of
            the pool `worker` is Airflow's default queue.
        scaling: How the number of workers follows what waits in their queues; `max_count` has to be given.
            `QueueScaling` with its defaults if left out.

    Raises:
        ValueError: if Fargate has no such size, or the values contradict each other.
    """

    zone_rebalancing: bool = False
    concurrency: int | None = None
    queues: tuple[str, ...] = ()
    scaling: QueueScaling | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self._refuse_without_range("scaling", self.scaling)
        if self.concurrency is not None and self.concurrency < 1:
            raise ValueError(f"concurrency is {self.concurrency}: allowed are 1 and more")
        for queue in self.queues:
            checked_queue("queues", queue)
        twice = sorted({queue for queue in self.queues if self.queues.count(queue) > 1})
        if twice:
            raise ValueError(f"queues has {', '.join(map(repr, twice))} twice: allowed is each name once")
        check_tasks(self.tasks_at_once, given=self.concurrency is not None, memory_mib=self.memory_mib)

    @property
    def tasks_at_once(self) -> int:
        """How many Airflow tasks one worker runs at once."""
        if self.concurrency is not None:
            return self.concurrency
        by_cpu = self.cpu * _TASKS_PER_VCPU // 1024
        by_memory = (self.memory_mib - WORKER_MIB) // TASK_MIB
        return max(1, min(by_cpu, by_memory))

    @property
    def slots(self) -> int:
        """How many Airflow tasks all workers together run at once, when as many run as may."""
        return max(1, self.highest_count) * self.tasks_at_once


def worker_pools(
    worker: WorkerPool,
    further: Mapping[str, WorkerPool],
    *,
    deployment: str,
    default_queue: str | None = None,
) -> dict[str, WorkerPool]:
    """Returns all pools of a deployment by name, `worker` first, each with its queues.

    Args:
        worker: The pool `worker`.
        further: The others by name.
        deployment: What the deployment is called; the ECS service of a pool is `<deployment>-<name>`.
        default_queue: The queue of tasks that name none. Airflow's, `default`, if left out.

    Raises:
        ValueError: if a name cannot be that of a service or is taken, or no pool serves the default queue.
    """
    queue = default_queue or DEFAULT_QUEUE
    pools = {DEFAULT_POOL: _with_queues(worker, queue)}
    for name, pool in further.items():
        pools[_checked_name(name, deployment)] = _with_queues(pool, name)
    served = sorted({served for pool in pools.values() for served in pool.queues})
    if queue not in served:
        raise ValueError(
            f"default_queue is {queue!r}: allowed are the queues that a pool of workers serves, "
            f"{', '.join(served)}"
        )
    return pools


def command(pool: WorkerPool) -> tuple[str, ...]:
    """Returns the command of a pool's container: the image's word, and what goes on to Celery's worker."""
    return ("worker", "--queues", ",".join(pool.queues))


def parallelism(pools: Iterable[WorkerPool], *, schedulers: int) -> int:
    """Returns Airflow's `[core] parallelism`, which counts for each scheduler.

    It equals the slots of all workers, so that a task no worker has room for stays `scheduled`: a `queued`
    task's clock runs, and its token with it.

    Args:
        pools: All pools.
        schedulers: How many schedulers run. Where their number changes, the fewest: with more of them, more
            tasks wait as `queued`; with fewer, slots would stay empty.
    """
    return -(-sum(pool.slots for pool in pools) // max(1, schedulers))


def _with_queues(pool: WorkerPool, queue: str) -> WorkerPool:
    return pool if pool.queues else replace(pool, queues=(queue,))


def _checked_name(name: str, deployment: str) -> str:
    if name in RESERVED_NAMES:
        raise ValueError(f"worker_pools has {name!r}: allowed are names but {', '.join(RESERVED_NAMES)}")
    if name.startswith(_RESERVED_BEGINNINGS):
        raise ValueError(
            f"worker_pools has {name!r}: allowed are names that do not begin with "
            f"{', '.join(_RESERVED_BEGINNINGS)}"
        )
    try:
        checked_service_name(f"{deployment}-{name}")
    except ValueError:
        room = MAXIMUM_SERVICE_NAME_LENGTH - len(deployment) - 1
        raise ValueError(
            f"worker_pools has {name!r}: allowed are names of lower-case letters, digits and single hyphens, "
            f"at most {room} characters beside {deployment!r}"
        ) from None
    return name


def extras_of_services(
    extras: Mapping[str, Extras], worker_pools: Mapping[str, WorkerPool]
) -> Mapping[str, Extras]:
    """Returns what is added to services, if they all exist.

    Args:
        extras: What is added, by service.
        worker_pools: The pools of workers by name.

    Raises:
        ValueError: if one does not exist.
    """
    known = sorted({"airflow", "flower", *worker_pools})
    for name in extras:
        if name not in known:
            raise ValueError(f"extras has {name!r}: allowed are {', '.join(known)}")
    return extras
