from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from botocore.serialize import create_serializer
from botocore.session import get_session

from kf_airflow_runtime import cloudwatch
from kf_airflow_runtime.worker_demand import Measurement

AT = datetime(2026, 11, 24, tzinfo=UTC)


def datum(**changes: Any) -> cloudwatch.Datum:
    (made,) = cloudwatch.data([Measurement({"ClusterName": "c"}, {"QueuedTasks": 1.0})], AT)
    return {**made, **changes}


def test_each_value_is_a_datum_of_high_resolution_with_its_unit() -> None:
    found = [
        Measurement({"ClusterName": "c", "QueueName": "q"}, {"QueuedTasks": 3.0, "OldestQueuedSeconds": 7.5})
    ]

    common = {
        "Dimensions": [{"Name": "ClusterName", "Value": "c"}, {"Name": "QueueName", "Value": "q"}],
        "Timestamp": AT,
        "StorageResolution": 1,
    }
    assert cloudwatch.data(found, AT) == [
        {**common, "MetricName": "QueuedTasks", "Value": 3.0, "Unit": "Count"},
        {**common, "MetricName": "OldestQueuedSeconds", "Value": 7.5, "Unit": "Seconds"},
    ]


def test_a_thousand_data_are_one_call() -> None:
    assert [len(call) for call in cloudwatch.calls([datum()] * 1000)] == [1000]


def test_one_more_makes_it_two() -> None:
    assert [len(call) for call in cloudwatch.calls([datum()] * 1001)] == [1000, 1]


def test_nothing_takes_no_call() -> None:
    assert list(cloudwatch.calls([])) == []


def test_no_call_has_more_bytes_than_cloudwatch_takes() -> None:
    names = {name: name[0] * 255 for name in ("ClusterName", "ServiceName", "QueueName")}
    long = cloudwatch.data([Measurement(names, {"OldestQueuedSeconds": 1234567.8})], AT) * 1000
    model = get_session().get_service_model("cloudwatch").operation_model("PutMetricData")

    sizes = [
        len(
            urlencode(
                create_serializer("query").serialize_to_request(
                    {"Namespace": cloudwatch.NAMESPACE, "MetricData": call}, model
                )["body"]
            )
        )
        for call in cloudwatch.calls(long)
    ]

    assert len(sizes) == 2
    assert max(sizes) < 1_000_000
