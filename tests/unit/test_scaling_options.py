import re
from typing import Any

import pytest

from kf_airflow import Metric, QueueScaling, Schedule, ServiceOptions, UtilizationScaling, WorkerPool

NIGHT = Schedule(schedule="cron(0 20 ? * MON-FRI *)", min_count=0, max_count=0)


def _options(**changes: Any) -> ServiceOptions:
    return ServiceOptions(**{"cpu": 256, "memory_mib": 512, **changes})


def test_a_range_begins_with_count_unless_it_says_otherwise() -> None:
    assert _options(count=2, max_count=5).lowest_count == 2
    assert _options(count=2, min_count=0, max_count=5).lowest_count == 0


def test_a_schedule_that_says_nothing_brings_the_service_s_own_range_back() -> None:
    morning = Schedule(schedule="cron(0 6 ? * MON-FRI *)")

    assert morning.counts("morning", lowest=1, highest=5) == (1, 5)


def test_a_schedule_has_a_range_of_its_own() -> None:
    assert NIGHT.counts("night", lowest=1, highest=5) == (0, 0)


def test_the_cpu_is_tracked_unless_requests_are() -> None:
    assert UtilizationScaling().cpu_target == 70
    assert UtilizationScaling(requests_per_minute=100).cpu_target is None
    assert UtilizationScaling(requests_per_minute=100, cpu_percent=50).cpu_target == 50


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"min_count": 1}, "min_count is 1: allowed with a max_count, and that is not set"),
        ({"schedules": {"night": NIGHT}}, "schedules is set: allowed with a max_count"),
        ({"scaling": UtilizationScaling()}, "scaling is set: allowed with a max_count, and that is not set"),
        ({"count": 1, "min_count": 2, "max_count": 3}, "min_count is 2: allowed are 0 to 1, which is count"),
        ({"min_count": -1, "max_count": 3}, "min_count is -1: allowed are 0 to 1, which is count"),
        (
            {"max_count": 3, "schedules": {"day": Schedule(schedule=NIGHT.schedule, max_count=4)}},
            "max_count of the schedule 'day' is 4: allowed are 0 to 3, its service's",
        ),
        (
            {"max_count": 3, "schedules": {"night": Schedule(schedule=NIGHT.schedule, max_count=0)}},
            "min_count of the schedule 'night' is 1: allowed are 0 to 0, which is its max_count",
        ),
        (
            {"max_count": 3, "schedules": {"at night": NIGHT}},
            "schedules has 'at night': allowed are names of at most 64 letters",
        ),
        (
            {"count": 2, "min_count": 1, "max_count": 3, "maximum_percent": 150},
            "maximum_percent is 150: allowed are numbers that let a deployment of 1 start one more",
        ),
    ],
)
def test_a_range_that_contradicts_itself_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        _options(**values)


def test_a_pool_without_a_range_has_nothing_to_scale() -> None:
    with pytest.raises(ValueError, match="allowed with a max_count, and that is not set"):
        WorkerPool(cpu=256, memory_mib=512, scaling=QueueScaling())


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (QueueScaling, {"scale_in_minutes": 0}, "scale_in_minutes is 0: allowed are 1 to 1440"),
        (
            QueueScaling,
            {"scale_in_cooldown_seconds": -1},
            "scale_in_cooldown_seconds is -1: allowed are 0 to",
        ),
        (UtilizationScaling, {"cpu_percent": 0}, "cpu_percent is 0: allowed are 1 to 100"),
        (UtilizationScaling, {"requests_per_minute": 0}, "requests_per_minute is 0: allowed are 1 and more"),
        (
            UtilizationScaling,
            {"scale_out_cooldown_seconds": 3601},
            "scale_out_cooldown_seconds is 3601: allow",
        ),
        (Schedule, {"schedule": "daily"}, "schedule is 'daily': allowed are cron("),
        (
            Schedule,
            {"schedule": NIGHT.schedule, "timezone": "Boston"},
            "timezone is 'Boston': allowed are names of time zones such as America/New_York",
        ),
        (Metric, {"namespace": "", "name": "Missing"}, "namespace is '': allowed are 1 to 255 characters"),
        (
            Metric,
            {"namespace": "N", "name": "M", "dimensions": {str(number): "1" for number in range(31)}},
            "dimensions has 31: allowed are 30",
        ),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(
    kind: Any, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        kind(**values)
