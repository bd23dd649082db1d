"""Whether schedules leave a queue without workers for longer than Airflow lets a task wait in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kf_airflow.configuration import TASK_QUEUED_TIMEOUT_SECONDS, AirflowConfiguration
from kf_airflow.cron import runs
from kf_airflow.pools import WorkerPool

# A year, and what a schedule of once a year begins shortly before its end.
_LOOK_AHEAD = timedelta(days=400)


@dataclass(frozen=True)
class Pause:
    """A time in which no pool that serves a queue may have a worker.

    Args:
        pool: The pool whose schedule begins it.
        schedule: That schedule's name.
        seconds: How long it lasts.
        ends: Whether a schedule ends it.
    """

    pool: str
    schedule: str
    seconds: float
    ends: bool


def checked_pauses(
    pools: Mapping[str, WorkerPool], configuration: AirflowConfiguration, *, begin: datetime
) -> None:
    """Refuses schedules by which tasks would fail in their queues.

    A task that no worker takes is sent again every `task_queued_timeout_seconds`, `task_queued_retries`
    times, and then fails, however many retries of its own it has (`_maybe_requeue_stuck_ti` of Airflow's
    scheduler).

    Args:
        pools: All pools by name, each with its queues.
        configuration: How long tasks may wait.
        begin: From when on schedules are looked at.

    Raises:
        ValueError: if there is a pause as long as a task may wait, or longer.
    """
    limit = configuration.longest_queued_seconds
    for queue in sorted({queue for pool in pools.values() for queue in pool.queues}):
        serving = {name: pool for name, pool in pools.items() if queue in pool.queues}
        longest = max(pauses(serving, begin=begin), key=lambda pause: pause.seconds, default=None)
        if longest is None or longest.seconds < limit:
            continue
        timeout = configuration.task_queued_timeout_seconds or TASK_QUEUED_TIMEOUT_SECONDS
        lasting = f"for {_hours(longest.seconds)} h" if longest.ends else "for good"
        longer = f", or set task_queued_retries to {int(longest.seconds // timeout) + 1}"
        raise ValueError(
            f"in {longest.pool} the schedule {longest.schedule!r} leaves the queue {queue!r} without workers "
            f"{lasting}: allowed are less than {_hours(limit)} h, as Airflow fails a task that is queued for "
            "so long (task_queued_retries, task_queued_timeout_seconds), whatever its retries. "
            "Set min_count = 0 in the schedule and leave max_count out: workers then go when nothing is "
            f"queued, and come when something is{longer if longest.ends else ''}"
        )


def pauses(serving: Mapping[str, WorkerPool], *, begin: datetime) -> Iterator[Pause]:
    """Yields when schedules leave no worker to any of some pools, for a year or so.

    Args:
        serving: The pools by name.
        begin: From when on.
    """
    if any(made.highest_count and not _may_be_none(made) for made in serving.values()):
        return
    end = begin + _LOOK_AHEAD
    changes = sorted(
        (moment, pool, name, made.highest_count if schedule.max_count is None else schedule.max_count)
        for pool, made in serving.items()
        for name, schedule in made.schedules.items()
        for moment in runs(schedule.schedule, schedule.timezone, begin=begin, end=end)
    )
    most = {pool: made.highest_count for pool, made in serving.items()}
    began: tuple[datetime, str, str] | None = None
    for moment, pool, name, count in changes:
        most[pool] = count
        if not any(most.values()):
            began = began or (moment, pool, name)
        elif began:
            yield Pause(began[1], began[2], (moment - began[0]).total_seconds(), ends=True)
            began = None
    if began:
        yield Pause(began[1], began[2], (end - began[0]).total_seconds(), ends=False)


def _may_be_none(pool: WorkerPool) -> bool:
    return any(schedule.max_count == 0 for schedule in pool.schedules.values())


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:,.1f}".removesuffix(".0")
