from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from fake_clock import FakeClock

from kf_airflow_runtime.worker_demand import Measurement
from kf_airflow_runtime.worker_protections import WorkerProtections, of_protections


class Ecs:
    """A client of ECS that says of each task whether it is protected."""

    def __init__(self) -> None:
        self.client: Any = boto3.client(
            "ecs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        self.stub = Stubber(self.client)
        self.stub.activate()

    def will_say(self, **protected: bool) -> None:
        self.stub.add_response(
            "list_tasks",
            {"taskArns": list(protected)},
            {"cluster": "cluster", "serviceName": "workers"},
        )
        if protected:
            tasks = [{"taskArn": task, "protectionEnabled": enabled} for task, enabled in protected.items()]
            self.stub.add_response(
                "get_task_protection",
                {"protectedTasks": tasks},
                {"cluster": "cluster", "tasks": list(protected)},
            )


@pytest.fixture
def ecs() -> Ecs:
    return Ecs()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def protections(ecs: Ecs, clock: FakeClock) -> WorkerProtections:
    return WorkerProtections(lambda: ecs.client, "cluster", ["workers"], clock)


def test_a_service_without_tasks_has_none_that_is_protected(ecs: Ecs, protections: WorkerProtections) -> None:
    ecs.will_say()

    assert protections.read() == {"workers": 0}


def test_tasks_that_are_not_protected_do_not_count(ecs: Ecs, protections: WorkerProtections) -> None:
    ecs.will_say(a=True, b=False, c=True)

    assert protections.read() == {"workers": 2}


def test_ecs_is_asked_once_a_minute(ecs: Ecs, protections: WorkerProtections, clock: FakeClock) -> None:
    ecs.will_say(a=True)
    protections.read()
    clock.now += 50

    assert protections.read() == {"workers": 1}
    ecs.will_say(a=False)
    clock.now += 10

    assert protections.read() == {"workers": 0}
    ecs.stub.assert_no_pending_responses()


def test_what_was_known_outlives_an_ecs_that_does_not_answer(
    ecs: Ecs, protections: WorkerProtections, clock: FakeClock
) -> None:
    ecs.will_say(a=True)
    protections.read()
    clock.now += 60
    ecs.stub.add_client_error("list_tasks", "ThrottlingException")
    with pytest.raises(Exception, match="ThrottlingException"):
        protections.read()

    assert protections.read() == {"workers": 1}


def test_what_is_published_is_about_the_service() -> None:
    assert of_protections("cluster", {"workers": 2}) == [
        Measurement({"ClusterName": "cluster", "ServiceName": "workers"}, {"ProtectedWorkers": 2.0})
    ]
