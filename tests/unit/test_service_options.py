from typing import Any

import pytest

from kf_airflow import ServiceOptions


def _options(**changes: Any) -> ServiceOptions:
    return ServiceOptions(**{"cpu": 256, "memory_mib": 512, **changes})


def test_a_minimal_service_runs_one_task_on_demand_and_starts_the_new_before_it_stops_the_old() -> None:
    options = _options()

    assert (
        options.count,
        options.highest_count,
        options.spot_percent,
        options.minimum_healthy_percent,
        options.maximum_percent,
    ) == (1, 1, 0, 100, 200)


def test_a_range_has_its_end() -> None:
    assert _options(count=0, max_count=5).highest_count == 5


@pytest.mark.parametrize(("count", "base"), [(0, 0), (1, 1), (5, 1)])
def test_one_task_stays_off_spot_where_there_is_one(count: int, base: int) -> None:
    assert _options(count=count, max_count=10, spot_percent=80).base == base


def test_one_task_may_be_stopped_before_the_new_one_starts() -> None:
    options = _options(minimum_healthy_percent=0, maximum_percent=100, zone_rebalancing=False)

    assert (options.minimum_healthy_percent, options.maximum_percent) == (0, 100)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"cpu": 300}, "cpu is 300: allowed are 256, 512"),
        ({"count": -1}, "count is -1: allowed are 0 to 5000"),
        ({"count": 2, "max_count": 1}, "max_count is 1: allowed are 2 to 5000, as count is 2"),
        ({"count": 0, "max_count": 0}, "max_count is 0: allowed are 1 to 5000, as count is 0"),
        ({"architecture": "arm"}, "architecture is 'arm': allowed are X86_64, ARM64"),
        ({"spot_percent": 101}, "spot_percent is 101: allowed are 0 to 100"),
        (
            {"on_demand_base": 1},
            "on_demand_base is 1: allowed with a spot_percent of 1 to 100, and spot_percent is 0",
        ),
        (
            {"count": 2, "spot_percent": 50, "on_demand_base": 3},
            "on_demand_base is 3: allowed are 0 to 2, which is count",
        ),
        ({"minimum_healthy_percent": 101}, "minimum_healthy_percent is 101: allowed are 0 to 100"),
        ({"maximum_percent": 99}, "maximum_percent is 99: allowed are 100 to 400"),
        ({"maximum_percent": 100}, "maximum_percent is 100: allowed are 101 to 400, as zone_rebalancing"),
        ({"maximum_percent": 150}, "maximum_percent is 150: allowed are numbers that let a deployment of 1"),
        ({"storage_gib": 19}, "storage_gib is 19: allowed are 20 to 200"),
        ({"health_check_grace_seconds": -1}, "health_check_grace_seconds is -1: allowed are 0 to 3600"),
    ],
)
def test_what_ecs_would_refuse_or_never_finish_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _options(**values)
