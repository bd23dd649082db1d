"""What `metrics` asks of AWS, against moto."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from kf_airflow_runtime import cloudwatch, metrics
from kf_airflow_runtime.worker_counts import worker_counts
from kf_airflow_runtime.worker_demand import Measurement, WorkerCount

AT = datetime.now(UTC)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture
def ecs() -> Any:
    return metrics.Clients().ecs


def make_services(*names: str, count: int = 1) -> None:
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName="cluster")
    ecs.register_task_definition(
        family="worker", containerDefinitions=[{"name": "worker", "image": "worker", "memory": 64}]
    )
    for name in names:
        ecs.create_service(cluster="cluster", serviceName=name, taskDefinition="worker", desiredCount=count)


def calls_of(client: Any, operation: str) -> list[Any]:
    """The parameters of each call that is made from now on."""
    calls: list[Any] = []
    client.meta.events.register(
        f"provide-client-params.*.{operation}", lambda params, **_: calls.append(params)
    )
    return calls


def test_the_workers_are_counted_by_service(ecs: Any) -> None:
    make_services("workers", "gpu", count=3)

    assert worker_counts(ecs, "cluster", ["workers", "gpu"]) == {
        name: WorkerCount(running=0, desired=3) for name in ("workers", "gpu")
    }


def test_ten_services_are_one_call_and_one_more_makes_it_two(ecs: Any) -> None:
    names = [f"workers-{number}" for number in range(11)]
    make_services(*names)
    calls = calls_of(ecs, "DescribeServices")

    assert list(worker_counts(ecs, "cluster", names)) == names
    assert [len(call["services"]) for call in calls] == [10, 1]


def test_a_service_that_was_never_made_is_left_out(ecs: Any) -> None:
    make_services("workers")

    assert list(worker_counts(ecs, "cluster", ["workers", "gone"])) == ["workers"]


def test_a_service_that_was_deleted_is_left_out(ecs: Any) -> None:
    make_services("workers", "gone")
    ecs.delete_service(cluster="cluster", service="gone", force=True)

    assert list(worker_counts(ecs, "cluster", ["workers", "gone"])) == ["workers"]


def test_what_is_published_is_found_under_its_dimensions() -> None:
    client = metrics.Clients().cloudwatch
    about = {"ClusterName": "c", "ServiceName": "s", "QueueName": "q"}
    cloudwatch.publish(client, cloudwatch.data([Measurement(about, {"QueuedTasks": 7.0})], AT))

    (found,) = boto3.client("cloudwatch").get_metric_statistics(
        Namespace="KFAirflow",
        MetricName="QueuedTasks",
        Dimensions=[{"Name": name, "Value": value} for name, value in about.items()],
        StartTime=AT - timedelta(minutes=1),
        EndTime=AT + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert (found["Maximum"], found["Unit"]) == (7, "Count")


def test_a_cycle_is_published_in_one_call() -> None:
    client = metrics.Clients().cloudwatch
    calls = calls_of(client, "PutMetricData")
    values = {f"Metric{number}": 1.0 for number in range(1000)}
    cloudwatch.publish(client, cloudwatch.data([Measurement({"ClusterName": "c"}, values)], AT))

    assert [(call["Namespace"], len(call["MetricData"])) for call in calls] == [("KFAirflow", 1000)]
