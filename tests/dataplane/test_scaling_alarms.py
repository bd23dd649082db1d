"""States of alarms, as CloudWatch's documentation has them."""

import pytest

from localstack_dataplane.application_autoscaling.alarms import Alarm, evaluate, read_alarm

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
# `X` breaches, `0` does not, `-` is missing. Then the states for missing, ignore, breaching and notBreaching;
# `keep` is the state that it had.
THREE_OF_THREE = [
    ("0-X-X", "OK", "OK", "OK", "OK"),
    ("----0", "OK", "OK", "OK", "OK"),
    ("-----", "INSUFFICIENT_DATA", "keep", "ALARM", "OK"),
    ("0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("--X--", "ALARM", "keep", "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("00X0X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0-X--", "OK", "OK", "ALARM", "OK"),
    ("----0", "OK", "OK", "ALARM", "OK"),
    ("---0-", "OK", "OK", "ALARM", "OK"),
    ("---X-", "ALARM", "keep", "ALARM", "OK"),
]
MISSING = ("missing", "ignore", "breaching", "notBreaching")


def state(line: str, missing: str, needed: int) -> str:
    alarm = Alarm(
        arn="a", name="n", threshold=5, periods=3, needed=needed, missing=missing, state="WHAT_IT_WAS"
    )
    values = [{"X": 9.0, "0": 1.0, "-": None}[letter] for letter in line]
    return evaluate(alarm, values).replace("WHAT_IT_WAS", "keep")


@pytest.mark.parametrize("row", THREE_OF_THREE, ids=lambda row: row[0])
def test_three_of_three_data_points(row):
    assert [state(row[0], missing, 3) for missing in MISSING] == list(row[1:])


@pytest.mark.parametrize("row", TWO_OF_THREE, ids=lambda row: row[0])
def test_two_of_three_data_points(row):
    assert [state(row[0], missing, 2) for missing in MISSING] == list(row[1:])


@pytest.mark.parametrize(
    ("comparison", "breaching"),
    [
        ("GreaterThanThreshold", [6]),
        ("GreaterThanOrEqualToThreshold", [5, 6]),
        ("LessThanThreshold", [4]),
        ("LessThanOrEqualToThreshold", [4, 5]),
    ],
)
def test_comparisons(comparison, breaching):
    alarm = Alarm(arn="a", name="n", threshold=5, comparison=comparison)
    assert [value for value in (4, 5, 6) if alarm.breaches(value)] == breaching


def test_a_document_is_read():
    document = {
        "AlarmArn": "arn",
        "AlarmName": "high",
        "MetricName": "m",
        "Namespace": "ns",
        "Statistic": "Sum",
        "Dimensions": [{"Name": "a", "Value": "b"}],
        "Period": 60,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": 2,
        "Threshold": 5.0,
        "ComparisonOperator": "LessThanThreshold",
        "StateValue": "OK",
        "AlarmActions": ["policy"],
    }
    assert read_alarm(document) == Alarm(
        arn="arn",
        name="high",
        threshold=5,
        state="OK",
        namespace="ns",
        metric="m",
        dimensions={"a": "b"},
        statistic="Sum",
        periods=3,
        needed=2,
        comparison="LessThanThreshold",
        actions={"OK": (), "ALARM": ("policy",), "INSUFFICIENT_DATA": ()},
    )


def test_an_alarm_whose_actions_are_disabled_calls_nothing():
    document = {
        "AlarmArn": "a",
        "AlarmName": "n",
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 60,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "AlarmActions": ["policy"],
        "ActionsEnabled": False,
    }
    alarm = read_alarm(document)
    assert alarm is not None
    assert alarm.actions["ALARM"] == ()


def test_an_alarm_on_an_expression_is_not_evaluated():
    assert read_alarm({"AlarmArn": "a", "AlarmName": "n", "Metrics": [{"Id": "e"}], "Threshold": 1}) is None
