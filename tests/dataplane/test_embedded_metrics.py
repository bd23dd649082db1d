import json
from datetime import UTC, datetime

import pytest

from kf_airflow_runtime.worker_measure import metric_line
from localstack_dataplane.embedded_metrics import metrics_in


def test_the_line_that_a_worker_writes_of_its_unsent_logs_is_a_metric():
    line = metric_line(
        {"ClusterName": "c", "ServiceName": "s"}, {"UnsentLogs": 3, "OldestUnsentLogSeconds": 12.5}, 1.5
    )

    ((namespace, data),) = metrics_in(line)

    about = {
        "Dimensions": [{"Name": "ClusterName", "Value": "c"}, {"Name": "ServiceName", "Value": "s"}],
        "Timestamp": datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC),
        "StorageResolution": 60,
    }
    assert namespace == "KFAirflow"
    assert data == [
        {"MetricName": "UnsentLogs", "Values": [3.0], "Unit": "Count", **about},
        {"MetricName": "OldestUnsentLogSeconds", "Values": [12.5], "Unit": "Seconds", **about},
    ]


@pytest.mark.parametrize(
    "line",
    [
        "plain text",
        'it says "_aws" and is no JSON',
        json.dumps({"_aws": {}}),
        json.dumps({"_aws": {"Timestamp": "soon", "CloudWatchMetrics": []}}),
        json.dumps(
            {
                "_aws": {
                    "Timestamp": 1,
                    "CloudWatchMetrics": [{"Namespace": "N", "Dimensions": [[]], "Metrics": [{"Name": "x"}]}],
                }
            }
        ),
    ],
)
def test_anything_else_is_an_ordinary_line(line):
    assert list(metrics_in(line)) == []


def test_each_set_of_dimensions_has_a_value_of_its_own():
    line = json.dumps(
        {
            "_aws": {
                "Timestamp": 0,
                "CloudWatchMetrics": [
                    {"Namespace": "N", "Dimensions": [["a"], []], "Metrics": [{"Name": "x"}]}
                ],
            },
            "a": 1,
            "x": [1, 2],
        }
    )

    ((_, data),) = metrics_in(line)

    assert [(one["Dimensions"], one["Values"]) for one in data] == [
        ([{"Name": "a", "Value": "1"}], [1.0, 2.0]),
        ([], [1.0, 2.0]),
    ]
