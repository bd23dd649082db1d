"""For how long schedules leave a queue without workers, and what is refused."""

import tomllib
from datetime import UTC, datetime

import pytest
from project import ROOT
from synthesis import synthesize

from kf_airflow import Airflow, AirflowConfiguration, Schedule, WorkerPool
from kf_airflow.pools import worker_pools
from kf_airflow.worker_pauses import checked_pauses, pauses

BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
NEW_YORK = "America/New_York"


def evening(days: str = "MON-FRI", *, hour: int = 20, timezone: str = "UTC") -> Schedule:
    return Schedule(schedule=f"cron(0 {hour} ? * {days} *)", timezone=timezone, min_count=0, max_count=0)


def morning(days: str = "MON-FRI", *, hour: int = 6, timezone: str = "UTC") -> Schedule:
    return Schedule(schedule=f"cron(0 {hour} ? * {days} *)", timezone=timezone)


def pool(*, queues: tuple[str, ...] = (), max_count: int = 10, **schedules: Schedule) -> WorkerPool:
    return WorkerPool(cpu=1024, memory_mib=2048, max_count=max_count, queues=queues, schedules=schedules)


def check(
    worker: WorkerPool, configuration: AirflowConfiguration | None = None, **further: WorkerPool
) -> None:
    pools = worker_pools(worker, further, deployment="kf")
    checked_pauses(pools, configuration or AirflowConfiguration(), begin=BEGIN)


def longest_hours(**pools: WorkerPool) -> float:
    return max(pause.seconds for pause in pauses(pools, begin=BEGIN)) / 3600


def test_a_weekend_without_workers_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="58 h") as refusal:
        check(pool(evening=evening(), morning=morning()))

    assert str(refusal.value) == (
        "in worker the schedule 'evening' leaves the queue 'default' without workers for 58 h: allowed are "
        "less than 24 h, as Airflow fails a task that is queued for so long (task_queued_retries, "
        "task_queued_timeout_seconds), whatever its retries. Set min_count = 0 in the schedule and leave "
        "max_count out: workers then go when nothing is queued, and come when something is, or set "
        "task_queued_retries to 349"
    )


def test_with_the_retries_that_the_refusal_names_it_is_taken() -> None:
    check(pool(evening=evening(), morning=morning()), AirflowConfiguration(task_queued_retries=349))


def test_a_night_within_what_a_task_may_wait_is_taken() -> None:
    check(pool(evening=evening("*"), morning=morning("*")))


def test_a_pause_as_long_as_a_task_may_wait_is_refused() -> None:
    # Ten hours, from 20:00 to 06:00.
    night = pool(evening=evening("*", timezone="UTC"), morning=morning("*", timezone="UTC"))

    check(night, AirflowConfiguration(task_queued_timeout_seconds=600, task_queued_retries=60))
    with pytest.raises(ValueError, match="for 10 h: allowed are less than 10 h"):
        check(night, AirflowConfiguration(task_queued_timeout_seconds=600, task_queued_retries=59))


def test_a_weekend_that_needs_no_worker_but_may_have_some_is_taken() -> None:
    check(pool(evening=Schedule(schedule="cron(0 20 ? * MON-FRI *)", min_count=0), morning=morning()))


def test_the_pause_is_counted_over_the_time_zones_of_both_schedules() -> None:
    # 20:00 in Tokyo is 11:00 UTC.
    assert (
        longest_hours(
            worker=pool(evening=evening("*", timezone="Asia/Tokyo"), morning=morning("*", timezone="UTC"))
        )
        == 19
    )


def test_the_weekend_in_which_clocks_go_back_is_an_hour_longer() -> None:
    weekend = pool(evening=evening(timezone=NEW_YORK), morning=morning(timezone=NEW_YORK))

    assert longest_hours(worker=weekend) == 59


def test_what_lasts_from_month_to_month_is_seen() -> None:
    first = Schedule(schedule="cron(0 0 1 * ? *)", min_count=0, max_count=0)
    third = Schedule(schedule="cron(0 0 3 * ? *)")

    assert longest_hours(worker=pool(first=first, third=third)) == 48


def test_workers_that_no_schedule_brings_back_are_refused() -> None:
    with pytest.raises(ValueError, match="'evening' leaves the queue 'default' without workers for good: "):
        check(pool(evening=evening()))


def test_a_single_moment_counts() -> None:
    with pytest.raises(ValueError, match=r"the schedule 'move' leaves .* for 60 h"):
        check(
            pool(
                move=Schedule(schedule="at(2026-08-01T00:00:00)", min_count=0, max_count=0),
                moved=Schedule(schedule="at(2026-08-03T12:00:00)"),
            )
        )


def test_a_single_moment_that_is_over_does_not_count() -> None:
    check(pool(moved=Schedule(schedule="at(2026-06-30T00:00:00)", min_count=0, max_count=0)))


def test_a_queue_that_another_pool_serves_meanwhile_has_workers() -> None:
    resting = pool(evening=evening(), morning=morning())

    check(resting, spare=pool(queues=("default",)))
    check(pool(), gpu=pool(queues=("default",), evening=evening(), morning=morning()))


def test_a_pool_without_any_worker_serves_nobody_meanwhile() -> None:
    switched_off = WorkerPool(cpu=1024, memory_mib=2048, count=0, queues=("default",))

    with pytest.raises(ValueError, match="without workers for 58 h"):
        check(pool(evening=evening(), morning=morning()), off=switched_off)


def test_pools_that_rest_in_turn_leave_a_queue_only_while_both_do() -> None:
    by_night = pool(
        evening=evening("*", hour=20, timezone="UTC"), morning=morning("*", hour=6, timezone="UTC")
    )
    by_day = pool(evening=evening("*", hour=4, timezone="UTC"), morning=morning("*", hour=22, timezone="UTC"))

    # From 20 to 22, and from 4 to 6.
    assert longest_hours(one=by_night, other=by_day) == 2


def test_the_pool_whose_queue_it_is_is_named() -> None:
    with pytest.raises(ValueError, match=r"^in gatk the schedule 'evening' leaves the queue 'gatk' without"):
        check(pool(), gatk=pool(evening=evening(), morning=morning()))


def test_airflow_asks() -> None:
    with pytest.raises(ValueError, match="leaves the queue 'default' without workers for 58 h"):
        synthesize(
            lambda stack: Airflow(
                stack, "airflow", name="kf", image="image", worker=pool(evening=evening(), morning=morning())
            )
        )


def test_the_nights_of_the_documentation_leave_workers_to_what_is_queued() -> None:
    page = (ROOT / "docs/scaling.md").read_text()
    worker = tomllib.loads(page.split("```toml\n")[1].split("```")[0])["worker"]
    schedules = {name: Schedule(**values) for name, values in worker.pop("schedules").items()}
    documented = WorkerPool(**worker, schedules=schedules)

    check(documented)
    assert {
        name: schedule.counts(name, lowest=documented.lowest_count, highest=documented.highest_count)
        for name, schedule in schedules.items()
    } == {"evening": (0, 10), "morning": (1, 10)}
