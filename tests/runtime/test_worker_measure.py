import json
from pathlib import Path
from typing import Any

import pytest
from fake_clock import FakeClock

from kf_airflow_runtime import ecs_agent
from kf_airflow_runtime.unsent_logs import UnsentLogs
from kf_airflow_runtime.worker_measure import Measure, metric_line

TASK = {
    "Cluster": "arn:aws:ecs:us-east-1:000000000000:cluster/airflow",
    "ServiceName": "airflow-worker",
    "Family": "airflow-worker",
    "Revision": "3",
    "Containers": [{"CreatedAt": "2026-11-25T03:00:00Z"}],
}


@pytest.fixture
def unsent(tmp_path: Path) -> UnsentLogs:
    return UnsentLogs(tmp_path)


def lines_of(
    unsent: UnsentLogs, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, metadata: Any = TASK
) -> tuple[Measure, list[dict[str, Any]]]:
    monkeypatch.setattr(ecs_agent, "task_metadata", lambda _uri: metadata)
    found: list[dict[str, Any]] = []
    environ = {ecs_agent.METADATA: "http://169.254.170.2/v4/1"}
    return Measure(unsent.measured, environ, clock, lambda line: found.append(json.loads(line))), found


def test_the_line_has_the_form_that_cloudwatch_makes_a_metric_of() -> None:
    line = json.loads(
        metric_line(
            {"ClusterName": "c", "ServiceName": "s"}, {"UnsentLogs": 3, "OldestUnsentLogSeconds": 12.34}, 1.5
        )
    )
    assert line == {
        "_aws": {
            "Timestamp": 1500,
            "CloudWatchMetrics": [
                {
                    "Namespace": "KFAirflow",
                    "Dimensions": [["ClusterName", "ServiceName"]],
                    "Metrics": [
                        {"Name": "UnsentLogs", "Unit": "Count"},
                        {"Name": "OldestUnsentLogSeconds", "Unit": "Seconds"},
                    ],
                }
            ],
        },
        "ClusterName": "c",
        "ServiceName": "s",
        "UnsentLogs": 3,
        "OldestUnsentLogSeconds": 12.3,
    }


def test_unsent_logs_are_told_once_a_minute_and_their_end_once(
    unsent: UnsentLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    measure, found = lines_of(unsent, clock, monkeypatch)
    unsent.note("a.log")
    for second in range(300):
        if second == 130:
            unsent.sent(unsent.all()[0])
        clock.now = float(second)
        measure.turn()
    assert [line["UnsentLogs"] for line in found] == [1, 1, 1, 0]
    assert (found[0]["ClusterName"], found[0]["ServiceName"]) == ("airflow", "airflow-worker")


def test_a_worker_whose_logs_are_all_sent_says_nothing(
    unsent: UnsentLogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    measure, found = lines_of(unsent, clock, monkeypatch)
    clock.now = 600
    measure.turn()
    assert found == []


def test_outside_ecs_nothing_is_told(unsent: UnsentLogs) -> None:
    found: list[str] = []
    unsent.note("a.log")
    measure = Measure(unsent.measured, {}, FakeClock(), found.append)
    measure.turn()
    assert (found, measure.pause()) == ([], None)


def test_who_waits_is_told_until_when(unsent: UnsentLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    measure, _ = lines_of(unsent, clock, monkeypatch)
    assert measure.pause() is None
    unsent.note("a.log")
    assert measure.pause() == 0
    measure.turn()
    clock.now = 20
    unsent.sent(unsent.all()[0])
    assert measure.pause() == 40
    clock.now = 60
    measure.turn()
    assert measure.pause() is None


@pytest.mark.parametrize(
    "answer", [ecs_agent.AgentError("timed out"), {}, {**TASK, "Containers": []}], ids=["none", "no", "early"]
)
def test_an_agent_that_does_not_say_who_the_worker_is_is_asked_again_a_minute_later(
    unsent: UnsentLogs, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    clock = FakeClock()
    measure, found = lines_of(unsent, clock, monkeypatch)

    def asked(_uri: str) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(ecs_agent, "task_metadata", asked)
    unsent.note("a.log")
    measure.turn()
    assert measure.pause() == 60
    monkeypatch.setattr(ecs_agent, "task_metadata", lambda _uri: TASK)
    clock.now = 60
    measure.turn()
    assert [line["UnsentLogs"] for line in found] == [1]
