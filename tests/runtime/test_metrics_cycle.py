from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from kf_airflow_runtime.airflow_health import AirflowHealth
from kf_airflow_runtime.metadata_database import UnreadableError
from kf_airflow_runtime.metrics_cycle import MetricsCycle
from kf_airflow_runtime.source_states import SourceStates
from kf_airflow_runtime.worker_demand import QueueLoad, WorkerCount
from kf_airflow_runtime.worker_pools import WorkerPool

REFUSED = 'FATAL:  password authentication failed for user "airflow"'


class Surroundings:
    """What the cycle asks, each answering what it has or raising it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.said: list[str] = []
        self.published: list[dict[str, Any]] = []
        self.loads: Mapping[str, QueueLoad] | Exception = {"default": QueueLoad(5, 4, 1.5)}
        self.counts: Mapping[str, WorkerCount] | Exception = {"workers": WorkerCount(1, 1)}
        self.health: AirflowHealth | Exception = AirflowHealth({"SchedulerHeartbeatSeconds": 2.0}, 1, 3)
        self.protections: dict[str, int] | Exception = {"workers": 1}
        self.cloudwatch: Exception | None = None
        self.cycle = MetricsCycle(
            cluster="cluster",
            service="airflow",
            pools=[WorkerPool("workers", ("default",), 4)],
            read_loads=lambda: answer(self.loads),
            read_health=lambda: answer(self.health),
            read_protections=lambda: answer(self.protections),
            count_workers=lambda: answer(self.counts),
            publish=self._publish,
            states=SourceStates(lambda sentence, **_: self.said.append(sentence), lambda: self.seconds),
            clock=lambda: self.seconds,
            now=lambda: datetime(2026, 11, 24, 12, tzinfo=UTC),
        )

    def turn(self, times: int = 1) -> None:
        for _ in range(times):
            self.cycle.turn()
            self.seconds += 10

    def _publish(self, entries: list[dict[str, Any]]) -> None:
        if self.cloudwatch:
            raise self.cloudwatch
        self.published.append({entry["MetricName"]: entry["Value"] for entry in entries})


def answer(prepared: Any) -> Any:
    if isinstance(prepared, Exception):
        raise prepared
    return prepared


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


def test_a_turn_publishes_all_that_was_measured_at_once(around: Surroundings) -> None:
    around.turn()

    assert around.published == [
        {
            "QueuedTasks": 5,
            "RunningTasks": 4,
            "OldestQueuedSeconds": 1.5,
            "Workers": 1,
            "BacklogPerWorker": 5,
            "WorkersNeeded": 3,
            "WorkersMissing": 2,
            "SchedulerHeartbeatSeconds": 2,
            "ImportErrors": 1,
            "StuckTasks": 3,
            "ProtectedWorkers": 1,
        }
    ]


def test_who_asks_gets_the_same(around: Surroundings) -> None:
    around.turn()

    about = {"ClusterName": "cluster", "ServiceName": "workers"}
    assert around.cycle.document == {
        "cluster": "cluster",
        "read_at": "2026-11-24T12:00:00.000+00:00",
        "published": True,
        "metrics": [
            {
                "dimensions": {**about, "QueueName": "default"},
                "values": {
                    "QueuedTasks": 5,
                    "RunningTasks": 4,
                    "OldestQueuedSeconds": 1.5,
                    "Workers": 1,
                    "BacklogPerWorker": 5,
                },
            },
            {"dimensions": about, "values": {"WorkersNeeded": 3, "WorkersMissing": 2}},
            {
                "dimensions": {"ClusterName": "cluster", "ServiceName": "airflow"},
                "values": {"SchedulerHeartbeatSeconds": 2, "ImportErrors": 1, "StuckTasks": 3},
            },
            {"dimensions": about, "values": {"ProtectedWorkers": 1}},
        ],
        "unserved_queues": {},
        "problems": {},
    }


def test_before_the_first_turn_nothing_is_known(around: Surroundings) -> None:
    assert (around.cycle.document["read_at"], around.cycle.document["metrics"]) == (None, [])


def test_without_the_database_nothing_is_published_and_nothing_old_is_told(around: Surroundings) -> None:
    around.turn()
    around.loads = UnreadableError("connection refused")
    around.turn(3)

    assert len(around.published) == 1
    assert around.cycle.document["metrics"] == []
    assert around.cycle.document["problems"] == {"PostgreSQL": "connection refused"}


def test_an_outage_is_two_lines_of_the_log(around: Surroundings) -> None:
    around.loads = UnreadableError("connection refused")
    around.turn(6)
    around.loads = {}
    around.turn(2)

    assert around.said == [
        "PostgreSQL: connection refused; nothing is published until it answers",
        "PostgreSQL: well again after 60 s",
    ]


@pytest.mark.parametrize(
    "error", [OSError("reset"), RuntimeError("no valid XML")], ids=["network", "a proxy's answer"]
)
def test_without_ecs_what_needs_no_count_is_published(around: Surroundings, error: Exception) -> None:
    around.counts = error
    around.turn(2)

    assert around.published[1].keys() == {
        *("QueuedTasks", "RunningTasks", "OldestQueuedSeconds", "WorkersNeeded"),
        *("SchedulerHeartbeatSeconds", "ImportErrors", "StuckTasks", "ProtectedWorkers"),
    }
    assert len(around.said) == 1


def test_a_service_that_ecs_does_not_have_is_named(around: Surroundings) -> None:
    around.counts = {}
    around.turn(2)

    assert around.said == [
        "ECS: cluster has no service workers; what rests on the number of workers is not published until it"
        " says it"
    ]


def test_without_cloudwatch_who_asks_still_gets_the_metrics(around: Surroundings) -> None:
    around.cloudwatch = OSError("throttled\nplease wait")
    around.turn(2)

    assert around.cycle.document["published"] is False
    assert len(around.cycle.document["metrics"]) == 4
    assert around.said == ["CloudWatch: OSError: throttled please wait; it lacks the metrics of that time"]


@pytest.mark.parametrize(
    ("what", "error", "lacking", "said"),
    [
        (
            "health",
            UnreadableError("statement timeout"),
            {"SchedulerHeartbeatSeconds", "ImportErrors", "StuckTasks"},
            "heartbeats: statement timeout; it is not published until the database says it",
        ),
        (
            "protections",
            OSError("throttled"),
            {"ProtectedWorkers"},
            "task protection: OSError: throttled; it is not published until ECS says it",
        ),
    ],
)
def test_what_workers_are_made_by_is_published_without_what_alarms_go_by(
    around: Surroundings, what: str, error: Exception, lacking: set[str], said: str
) -> None:
    around.turn()
    setattr(around, what, error)
    around.turn(2)

    assert around.published[0].keys() - around.published[2].keys() == lacking
    assert around.said == [said]


def test_tasks_that_no_pool_takes_are_told_once(around: Surroundings) -> None:
    around.loads = {"typo": QueueLoad(2)}
    around.turn(2)

    assert around.said == ["unserved queues: tasks wait, 2 in 'typo'; no pool of workers takes them"]
    assert around.cycle.document["unserved_queues"] == {"typo": 2}


def all_away(around: Surroundings) -> None:
    around.loads = UnreadableError("connection refused")


def aws_away(around: Surroundings) -> None:
    around.counts, around.cloudwatch = OSError("no route"), OSError("no route")


@pytest.mark.parametrize("outage", [all_away, aws_away])
def test_who_does_not_answer_makes_no_one_unhealthy(
    around: Surroundings, outage: Callable[[Surroundings], None]
) -> None:
    outage(around)
    around.turn()

    assert around.cycle.verdict() == (True, "the last cycle ended 10 s ago, 60 s allowed")


def test_a_turn_that_does_not_come_back_is_unhealthy(around: Surroundings) -> None:
    around.turn()
    around.seconds = 60

    assert around.cycle.verdict() == (False, "the last cycle ended 60 s ago, 60 s allowed")


def test_a_refused_login_is_unhealthy_as_only_a_new_task_gets_the_new_secret(around: Surroundings) -> None:
    around.loads = UnreadableError(REFUSED)
    around.turn()

    healthy, reason = around.cycle.verdict()
    assert (healthy, reason.startswith("the database refuses the login, which a new task")) == (False, True)


@pytest.mark.parametrize("then", [UnreadableError("connection refused"), {}], ids=["away", "back"])
def test_a_login_is_refused_until_the_database_says_something_else(
    around: Surroundings, then: Mapping[str, QueueLoad] | Exception
) -> None:
    around.loads = UnreadableError(REFUSED)
    around.turn()
    around.loads = then
    around.turn()

    assert around.cycle.verdict()[0]
