import re
from dataclasses import replace
from typing import Any

import pytest
from every_alarm import OBSERVED
from project import ROOT

from kf_airflow import ObservabilityOptions, Observed
from kf_airflow.alarm import PAGE, Alarm
from kf_airflow.alarms import alarms_of


def alarms(observed: Observed = OBSERVED, **options: Any) -> dict[str, Alarm]:
    return {alarm.id: alarm for alarm in alarms_of("kf", observed, ObservabilityOptions(**options))}


def test_there_is_an_alarm_for_each_thing_that_goes_wrong() -> None:
    assert list(alarms()) == [
        *("scheduler-silent", "dag-processor-silent", "triggerer-silent", "tasks-stuck"),
        *("queue-default-old", "queue-slow-old", "queue-gpu-old"),
        *("worker-unhealthy", "worker-protected-long", "worker-logs-unsent"),
        *("gpu-unhealthy", "gpu-protected-long", "gpu-logs-unsent"),
        *("database-storage", "database-connections"),
        *("broker-1-memory", "broker-1-evictions", "broker-2-memory", "broker-2-evictions"),
        *("webserver-errors", "load-balancer-errors"),
    ]


def test_what_is_not_known_has_no_alarm() -> None:
    bare = Observed(cluster_name="kf", airflow="kf-airflow", workers={"kf-worker": ("default",)})

    assert list(alarms(bare)) == [
        *("scheduler-silent", "dag-processor-silent", "triggerer-silent", "tasks-stuck"),
        *("queue-default-old", "worker-protected-long", "worker-logs-unsent"),
    ]


def test_connections_without_a_known_limit_have_no_alarm() -> None:
    assert "database-connections" not in alarms(replace(OBSERVED, max_connections=None))


def test_the_errors_of_a_load_balancer_that_others_use_are_not_ours() -> None:
    found = alarms(replace(OBSERVED, own_load_balancer=False))

    assert "load-balancer-errors" not in found
    assert found["webserver-errors"].metric.dimensions == {
        "LoadBalancer": "app/kf/1",
        "TargetGroup": "targetgroup/a/1",
    }


@pytest.mark.parametrize(
    ("alarm", "missing"),
    [
        ("scheduler-silent", "breaching"),
        ("dag-processor-silent", "breaching"),
        ("triggerer-silent", "breaching"),
        ("tasks-stuck", "ignore"),
        ("queue-default-old", "ignore"),
        ("worker-unhealthy", "notBreaching"),
        ("worker-protected-long", "notBreaching"),
        ("worker-logs-unsent", "notBreaching"),
        ("database-storage", "missing"),
        ("database-connections", "missing"),
        ("broker-1-memory", "missing"),
        ("broker-1-evictions", "notBreaching"),
        ("webserver-errors", "notBreaching"),
        ("load-balancer-errors", "notBreaching"),
    ],
)
def test_silence_means_what_it_means_of_each(alarm: str, missing: str) -> None:
    assert alarms()[alarm].missing == missing


@pytest.mark.parametrize(
    ("alarm", "options", "threshold"),
    [
        ("queue-gpu-old", {}, 300),
        ("queue-gpu-old", {"queue_age_minutes": 9}, 540),
        ("worker-protected-long", {}, 86400),
        ("worker-protected-long", {"protection_minutes": 1800}, 108000),
        ("database-storage", {}, 2 * 1024**3),
        ("database-connections", {}, 160),
        ("database-connections", {"connections_percent": 50}, 100),
        ("broker-2-memory", {"memory_percent": 70}, 70),
        ("webserver-errors", {}, 6),
        ("load-balancer-errors", {"errors_per_minute": 0}, 1),
    ],
)
def test_the_limits_are_those_that_were_given(alarm: str, options: dict[str, Any], threshold: float) -> None:
    assert alarms(**options)[alarm].threshold == threshold


def test_little_storage_is_what_is_wrong_and_much_of_anything_else() -> None:
    assert [id_ for id_, alarm in alarms().items() if alarm.below] == ["database-storage"]


def test_a_queue_that_two_pools_serve_has_one_alarm() -> None:
    assert alarms()["queue-slow-old"].metric.dimensions == {
        "ClusterName": "kf",
        "ServiceName": "kf-worker",
        "QueueName": "slow",
    }


def test_a_wait_that_is_cut_short_is_never_waited_for() -> None:
    short = replace(OBSERVED, queued_timeout_seconds=120)

    assert alarms(short)["queue-default-old"].threshold == 60
    with pytest.raises(ValueError, match="queue_age_minutes is 2: allowed is less than task_queued_timeout"):
        alarms(short, queue_age_minutes=2)


@pytest.mark.parametrize("alarm", alarms().values(), ids=alarms())
def test_who_is_told_reads_what_is_wrong_what_to_do_and_where_there_is_more(alarm: Alarm) -> None:
    assert alarm.meaning.endswith(".")
    assert alarm.remedy.endswith(".")
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    assert len(alarm.description) <= 1024


def test_the_page_has_a_heading_for_every_alarm() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in (ROOT / PAGE).read_text(encoding="utf-8").splitlines()
        if line.startswith("#")
    }

    assert {alarm.page for alarm in alarms().values()} <= headings
    assert {"a-deployment-failed", "a-migration-failed"} <= headings
