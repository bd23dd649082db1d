"""A worker that is protected for over a day, from what it decides to the alarm that its metric gives."""

from collections.abc import Callable
from typing import Any

import pytest
from fake_clock import FakeClock
from synthesis import Synthesized

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.protection import Protection
from kf_airflow_runtime.worker_measure import EVERY_SECONDS, Measure
from localstack_dataplane.embedded_metrics import metrics_in

HOUR = 3600
TASK = {
    "Cluster": "cluster",
    "ServiceName": "workers",
    "Family": "workers",
    "Revision": "1",
    "Containers": [{"CreatedAt": "2026-11-25T03:00:00Z"}],
}


@pytest.fixture
def alarm(default: Synthesized) -> dict[str, Any]:
    return default.at("airflow/observability/worker-protected-long")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], list[dict[str, Any]]]:
    """Returns what CloudWatch makes of the log of a worker that runs tasks for so many seconds."""
    monkeypatch.setattr(ecs_agent, "task_metadata", lambda _uri: TASK)

    def run(seconds: float) -> list[dict[str, Any]]:
        clock, lines = FakeClock(), list[str]()
        protection = Protection(clock)
        measure = Measure(
            lambda: {"ProtectedSeconds": protection.seconds}, {ecs_agent.METADATA: "uri"}, clock, lines.append
        )
        while clock.now <= seconds:
            wish = protection.wish(busy=True)
            if wish is not None:
                protection.granted(wish)
            measure.turn()
            clock.now += EVERY_SECONDS
        return [datum for line in lines for _, data in metrics_in(line) for datum in data]

    return run


def breaching(alarm: dict[str, Any], data: list[dict[str, Any]]) -> bool:
    """Whether the minutes that the alarm looks back on are bad enough for it."""
    last = [datum["Values"][0] for datum in data[-alarm["evaluation_periods"] :]]
    bad, enough = [value for value in last if value >= alarm["threshold"]], int(alarm["datapoints_to_alarm"])
    return len(bad) >= enough


def test_the_alarm_goes_by_the_metric_that_the_worker_publishes(
    alarm: dict[str, Any], published: Callable[[float], list[dict[str, Any]]]
) -> None:
    datum = published(HOUR)[-1]

    assert datum["MetricName"] == alarm["metric_name"]
    assert [pair["Name"] for pair in datum["Dimensions"]] == list(alarm["dimensions"])
    assert (alarm["namespace"], alarm["statistic"], alarm["period"]) == ("KFAirflow", "Maximum", 60)
    assert alarm["comparison_operator"] == "GreaterThanOrEqualToThreshold"


@pytest.mark.parametrize(("hours", "given"), [(23, False), (24.1, True), (47, True)])
def test_a_worker_that_is_protected_for_over_a_day_gives_the_alarm(
    alarm: dict[str, Any], published: Callable[[float], list[dict[str, Any]]], hours: float, given: bool
) -> None:
    assert breaching(alarm, published(hours * HOUR)) is given


def test_after_48_hours_the_worker_may_be_stopped_and_the_alarm_is_over(
    alarm: dict[str, Any], published: Callable[[float], list[dict[str, Any]]]
) -> None:
    data = published(48.5 * HOUR)

    assert data[-1]["Values"] == [0.0]
    # Minutes without a value are none of the bad ones.
    assert alarm["treat_missing_data"] == "notBreaching"
