import json
from typing import Any

import pytest
from every_alarm import OBSERVED
from synthesis import Synthesized, synthesize

from kf_airflow import Observability, ObservabilityOptions, TopicRef

TOPIC = TopicRef(arn="arn:aws:sns:us-east-1:111122223333:on-call")


def watched(**values: Any) -> Synthesized:
    return synthesize(
        lambda stack: Observability(stack, "observability", name="kf", observed=OBSERVED, **values)
    )


@pytest.fixture(scope="module")
def made() -> Synthesized:
    return watched()


@pytest.fixture(scope="module")
def full() -> Synthesized:
    return watched(
        options=ObservabilityOptions(
            emails=("on-call@example.org",), urls=("https://pager.example.org/hook",)
        ),
        topic=TOPIC,
    )


def policy(text: str) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(text)["Statement"]}


def test_an_alarm_tells_the_topic_when_it_begins_and_when_it_is_over(made: Synthesized) -> None:
    alarm = made.at("observability/scheduler-silent")
    topic = "${aws_sns_topic.observability_topic_"

    assert alarm["alarm_name"] == "kf-scheduler-silent"
    assert [told[: len(topic)] for told in (*alarm["alarm_actions"], *alarm["ok_actions"])] == [topic, topic]


def test_an_alarm_looks_at_minutes(made: Synthesized) -> None:
    alarm = made.at("observability/worker-unhealthy")

    assert {
        key: alarm[key]
        for key in (
            *("namespace", "metric_name", "dimensions", "statistic", "comparison_operator", "threshold"),
            *("period", "evaluation_periods", "datapoints_to_alarm", "treat_missing_data"),
        )
    } == {
        "namespace": "AWS/ApplicationELB",
        "metric_name": "UnHealthyHostCount",
        "dimensions": {"LoadBalancer": "app/kf/1", "TargetGroup": "targetgroup/w/1"},
        "statistic": "Maximum",
        "comparison_operator": "GreaterThanOrEqualToThreshold",
        "threshold": 1,
        "period": 60,
        "evaluation_periods": 5,
        "datapoints_to_alarm": 3,
        "treat_missing_data": "notBreaching",
    }


def test_the_topic_is_encrypted_with_a_key_of_its_own(made: Synthesized) -> None:
    assert made.only("aws_sns_topic")["name"] == "kf-alarms"
    assert made.only("aws_sns_topic")["kms_master_key_id"].startswith(
        "${aws_kms_key.observability_topic-key_"
    )
    assert made.only("aws_kms_key")["enable_key_rotation"] is True


def test_alarms_of_this_deployment_and_rules_may_publish_and_nobody_else(made: Synthesized) -> None:
    found = policy(made.only("aws_sns_topic_policy")["policy"])

    assert {sid: one["Principal"]["Service"] for sid, one in found.items()} == {
        "Alarms": "cloudwatch.amazonaws.com",
        "Events": "events.amazonaws.com",
    }
    assert {one["Action"] for one in found.values()} == {"sns:Publish"}
    assert found["Alarms"]["Condition"]["ArnLike"]["aws:SourceArn"].endswith(":alarm:kf-*")


def test_events_are_let_in_without_a_condition_which_eventbridge_would_not_meet(made: Synthesized) -> None:
    for text in (made.only("aws_sns_topic_policy")["policy"], made.only("aws_kms_key")["policy"]):
        assert "Condition" not in policy(text)["Events"]
        assert "Condition" in policy(text)["Alarms"]


def test_a_topic_that_is_brought_is_told_and_left_as_it_is(full: Synthesized) -> None:
    types = {address.split(".")[0] for address in full.addresses}

    assert types.isdisjoint({"aws_sns_topic", "aws_sns_topic_policy", "aws_kms_key"})
    assert full.at("observability/scheduler-silent")["alarm_actions"] == [TOPIC.arn]


def test_people_and_pagers_are_subscribed(full: Synthesized) -> None:
    found = {
        (one["protocol"], one["endpoint"], one["topic_arn"]) for one in full.all("aws_sns_topic_subscription")
    }

    assert found == {
        ("email", "on-call@example.org", TOPIC.arn),
        ("https", "https://pager.example.org/hook", TOPIC.arn),
    }


def test_nobody_is_subscribed_by_itself(made: Synthesized) -> None:
    assert made.all("aws_sns_topic_subscription") == []


def test_a_deployment_that_ecs_gave_up_is_told_of_every_service(made: Synthesized) -> None:
    pattern = json.loads(made.at("observability/deployment-failed")["event_pattern"])

    assert pattern["detail"] == {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]}
    assert [arn.rpartition(":")[2] for arn in pattern["resources"]] == [
        "service/kf/kf-airflow",
        "service/kf/kf-worker",
        "service/kf/kf-gpu",
        "service/kf/kf-flower",
    ]


def test_a_migration_that_failed_is_told(made: Synthesized) -> None:
    detail = json.loads(made.at("observability/migration-failed")["event_pattern"])["detail"]

    assert detail.pop("clusterArn")[0].endswith(":cluster/kf")
    assert detail == {
        "group": ["service:kf-airflow"],
        "lastStatus": ["STOPPED"],
        "containers": {"name": ["migrate"], "exitCode": [{"anything-but": 0}]},
    }


@pytest.mark.parametrize("event", ["deployment-failed", "migration-failed"])
def test_an_event_is_told_in_a_sentence_that_names_what_it_is_about(made: Synthesized, event: str) -> None:
    told = made.at(f"observability/{event}-told")["input_transformer"]
    sentence = json.loads(told["input_template"])

    assert sentence.startswith(f"{event}: ")
    assert all(f"<{name}>" in sentence for name in told["input_paths"])


def widgets(stack: Synthesized) -> dict[str, dict[str, Any]]:
    body = json.loads(stack.only("aws_cloudwatch_dashboard")["dashboard_body"])
    return {widget["properties"]["title"]: widget for widget in body["widgets"]}


def test_the_dashboard_shows_the_alarms_and_what_they_go_by(made: Synthesized) -> None:
    assert list(widgets(made)) == [
        "Alarms",
        *("Queued tasks", "Longest wait for a worker, seconds", "Running tasks"),
        *("Workers that serve a queue", "Workers needed and missing"),
        *("Workers that are protected", "Longest protection, seconds"),
        *("Seconds since the last heartbeat", "Import errors and stuck tasks"),
        "Logs that could not be uploaded",
        *("Server errors (5xx) a minute", "Latency of the webserver, seconds"),
        "Tasks that fail their health check",
        *("Connections to the database", "Free storage of the database, bytes"),
        "CPU of the database, percent",
        *("Memory of the broker, percent", "Keys the broker dropped", "Connections to the broker"),
    ]
    assert len(widgets(made)["Alarms"]["properties"]["alarms"]) == len(
        made.all("aws_cloudwatch_metric_alarm")
    )


def test_every_metric_that_has_an_alarm_is_in_a_graph(made: Synthesized) -> None:
    shown = {
        (line[0], line[1])
        for widget in widgets(made).values()
        for line in widget["properties"].get("metrics", ())
    }

    assert {
        (alarm["namespace"], alarm["metric_name"]) for alarm in made.all("aws_cloudwatch_metric_alarm")
    } <= shown


def test_graphs_do_not_overlap_and_fill_their_rows(made: Synthesized) -> None:
    taken: dict[int, list[tuple[int, int]]] = {}
    for widget in widgets(made).values():
        taken.setdefault(widget["y"], []).append((widget["x"], widget["width"]))
    for row in taken.values():
        assert [x for x, _ in row] == [sum(width for _, width in row[:number]) for number in range(len(row))]
        assert sum(width for _, width in row) == 24


def test_a_line_of_a_graph_names_its_dimensions(made: Synthesized) -> None:
    lines = widgets(made)["Queued tasks"]["properties"]["metrics"]

    assert lines[0] == [
        *("KFAirflow", "QueuedTasks"),
        *("ClusterName", "kf", "ServiceName", "kf-worker", "QueueName", "default"),
        {"label": "default", "stat": "Maximum"},
    ]


def test_without_alarms_there_is_a_dashboard_alone() -> None:
    stack = watched(options=ObservabilityOptions(alarms=False))

    assert {address.split(".")[0] for address in stack.addresses} == {"aws_cloudwatch_dashboard"}
    assert "Alarms" not in widgets(stack)


def test_without_a_dashboard_there_are_alarms_alone() -> None:
    stack = watched(options=ObservabilityOptions(dashboard=False))

    assert stack.all("aws_cloudwatch_dashboard") == []
    assert stack.all("aws_cloudwatch_metric_alarm") != []
