import http.client
import json
import socket
from collections.abc import Iterator

import pytest

from kf_airflow_runtime import health, metrics_server
from kf_airflow_runtime.airflow_health import AirflowHealth
from kf_airflow_runtime.metadata_database import UnreadableError
from kf_airflow_runtime.metrics_cycle import MetricsCycle
from kf_airflow_runtime.source_states import SourceStates
from kf_airflow_runtime.worker_demand import QueueLoad, WorkerCount
from kf_airflow_runtime.worker_pools import WorkerPool


class Database:
    """Empty, or refusing the login."""

    refuses = False

    def read(self) -> dict[str, QueueLoad]:
        if self.refuses:
            raise UnreadableError("password authentication failed")
        return {}


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def cycle(database: Database) -> MetricsCycle:
    return MetricsCycle(
        cluster="cluster",
        service="airflow",
        pools=[WorkerPool("workers", ("default",), 4)],
        read_loads=database.read,
        read_health=lambda: AirflowHealth({}, 0, 0),
        read_protections=dict,
        count_workers=lambda: {"workers": WorkerCount(1, 1)},
        publish=lambda _: None,
        states=SourceStates(lambda sentence, **_: None, lambda: 0.0),
        clock=lambda: 0.0,
    )


@pytest.fixture
def port(cycle: MetricsCycle) -> Iterator[int]:
    with metrics_server.server(cycle, port=0) as running:
        metrics_server.serve(running)
        yield running.server_port
        running.shutdown()


def get(port: int, path: str) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    read = (answer.status, answer.headers["Content-Type"], answer.read().decode())
    connection.close()
    return read


def test_the_metrics_are_those_of_the_last_cycle_as_json(port: int, cycle: MetricsCycle) -> None:
    cycle.turn()
    status, kind, text = get(port, "/metrics")

    assert (status, kind) == (200, "application/json")
    assert json.loads(text) == cycle.document
    assert len(cycle.document["metrics"]) == 3


def test_the_health_check_of_the_image_understands_the_answer(port: int) -> None:
    assert health.probe(port, "/health") == (True, "the last cycle ended 0 s ago, 60 s allowed")


def test_what_is_unhealthy_answers_503_with_the_reason(
    port: int, cycle: MetricsCycle, database: Database
) -> None:
    database.refuses = True
    cycle.turn()
    status, _, text = get(port, "/health")

    assert (status, text.partition(",")[0]) == (503, "the database refuses the login")


def test_any_other_path_is_not_found(port: int) -> None:
    assert get(port, "/")[0] == 404


def test_who_connects_and_asks_nothing_does_not_keep_others_from_the_answer(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_server._Handler, "timeout", 0.1)
    with socket.create_connection(("127.0.0.1", port)):
        assert get(port, "/health")[0] == 200


def test_the_port_is_open_for_the_own_host_alone(cycle: MetricsCycle) -> None:
    with metrics_server.server(cycle, port=0) as running:
        assert running.server_address[0] == "127.0.0.1"


def test_the_port_is_the_one_the_health_check_asks() -> None:
    assert health.endpoints({})["metrics"] == (metrics_server.PORT, "/health")
