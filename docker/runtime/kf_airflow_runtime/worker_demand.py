"""How many workers the tasks need: the formula that users of KEDA know, and the metrics made of it.

Airflow's Helm chart has KEDA make ceil((queued + running) / concurrency) workers. Tasks that are `scheduled`
wait for a slot of Airflow's own and not for a worker, and `deferred` ones for their trigger: neither count.
Running ones do, for the worker that runs them is needed.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from kf_airflow_runtime.worker_pools import WorkerPool


@dataclass(frozen=True)
class QueueLoad:
    """The task instances of a Celery queue.

    Args:
        queued: How many wait for a worker.
        running: How many a worker runs.
        oldest_queued_seconds: How long the one waits that has waited longest; 0 when none does.
    """

    queued: int = 0
    running: int = 0
    oldest_queued_seconds: float = 0.0


@dataclass(frozen=True)
class WorkerCount:
    """The workers of a pool, as ECS counts its tasks.

    Args:
        running: How many run.
        desired: How many should.
    """

    running: int
    desired: int


@dataclass(frozen=True)
class Measurement:
    """Values that share their dimensions.

    Args:
        dimensions: What they are about, as CloudWatch names it.
        values: The values by the name of their metric.
    """

    dimensions: Mapping[str, str]
    values: Mapping[str, float]


def workers_needed(pool: WorkerPool, pools: Iterable[WorkerPool], loads: Mapping[str, QueueLoad]) -> int:
    """How many workers a pool needs for the tasks that wait and run.

    Pools that serve the same queue share its tasks in proportion to their concurrency: each needs as many
    workers as it would if all of them grew together, a worker of each at a time.

    Args:
        pool: The pool.
        pools: All pools.
        loads: The load of each queue; a queue that is not in it has none.
    """
    pools = tuple(pools)
    return math.ceil(
        sum(
            Fraction(load.queued + load.running, _slots_a_worker_of_each(queue, pools))
            for queue in pool.queues
            if (load := loads.get(queue))
        )
    )


def measurements(
    cluster: str,
    pools: Iterable[WorkerPool],
    loads: Mapping[str, QueueLoad],
    counts: Mapping[str, WorkerCount],
) -> list[Measurement]:
    """All that is known of the queues and the pools.

    What rests on the number of workers is left out where that is not known.

    Args:
        cluster: The ECS cluster's name.
        pools: All pools.
        loads: The load of each queue; a queue that is not in it has none.
        counts: The workers by ECS service, as far as they are known.
    """
    pools = tuple(pools)
    found = []
    for pool in pools:
        about = {"ClusterName": cluster, "ServiceName": pool.service}
        for queue in pool.queues:
            serving = [counts.get(other.service) for other in pools if queue in other.queues]
            workers = sum(count.running for count in serving if count) if all(serving) else None
            values = _of_queue(loads.get(queue, QueueLoad()), workers)
            found.append(Measurement({**about, "QueueName": queue}, values))
        needed = workers_needed(pool, pools, loads)
        count = counts.get(pool.service)
        missing = {"WorkersMissing": float(needed - count.desired)} if count else {}
        found.append(Measurement(about, {"WorkersNeeded": float(needed), **missing}))
    return found


def unserved(pools: Iterable[WorkerPool], loads: Mapping[str, QueueLoad]) -> dict[str, int]:
    """The queues that no pool serves, with the tasks that wait in them for ever."""
    served = {queue for pool in pools for queue in pool.queues}
    return {queue: load.queued for queue, load in loads.items() if load.queued and queue not in served}


def _of_queue(load: QueueLoad, workers: int | None) -> dict[str, float]:
    values = {
        "QueuedTasks": float(load.queued),
        "RunningTasks": float(load.running),
        "OldestQueuedSeconds": load.oldest_queued_seconds,
    }
    if workers is None:
        return values
    # Without a worker, what waits is the backlog of the first that comes.
    return {**values, "Workers": float(workers), "BacklogPerWorker": load.queued / max(1, workers)}


def _slots_a_worker_of_each(queue: str, pools: Iterable[WorkerPool]) -> int:
    return sum(pool.concurrency for pool in pools if queue in pool.queues)
