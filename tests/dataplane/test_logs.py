"""Logs of containers, with a Docker and an AWS of our own."""

import threading
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from kf_airflow_runtime.worker_measure import metric_line
from localstack_dataplane import logs
from localstack_dataplane.logs import LogEvent, LogShipper, LogTarget, batch, parse_messages

TARGET = LogTarget("1", "r", "group", "stream")


def test_a_message_has_its_time_in_milliseconds():
    assert list(parse_messages([b"1970-01-01T00:00:01.5Z hello\n"])) == [LogEvent(1500, "hello")]


def test_a_long_line_that_comes_in_parts_is_one_event():
    parts = [b"1970-01-01T00:00:01Z a", b"1970-01-01T00:00:02Z b", b"1970-01-01T00:00:03Z c\n"]
    assert list(parse_messages(parts)) == [LogEvent(1000, "abc")]


def test_a_last_line_without_end_is_not_lost():
    assert list(parse_messages([b"1970-01-01T00:00:01Z end"])) == [LogEvent(1000, "end")]


def test_spaces_in_front_are_kept():
    assert next(parse_messages([b"1970-01-01T00:00:01Z   a\n"])).message == "  a"


def test_a_batch_stays_below_the_limit_of_a_call():
    events = [LogEvent(0, "x" * 500_000)] * 3
    assert len(batch(events)) == 1


def test_an_event_that_is_too_large_alone_is_still_sent():
    assert len(batch([LogEvent(0, "x" * 2_000_000)])) == 1


def moment_of(line):
    return datetime.fromisoformat(line.split()[0].decode()).timestamp()


class Docker:
    def __init__(self, lines):
        self.lines = lines

    def logs(self, container_id, since):
        return (line for line in self.lines if moment_of(line) >= since)


class Aws:
    def __init__(self, failures=0):
        self.sent, self.failures, self.events, self.metrics = [], failures, [], []

    def client(self, *_):
        return self

    def put_log_events(self, logGroupName, logStreamName, logEvents):  # noqa: N803
        if self.failures:
            self.failures -= 1
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "PutLogEvents")
        self.sent += [event["message"] for event in logEvents]
        self.events += logEvents

    def put_metric_data(self, Namespace, MetricData):  # noqa: N803
        self.metrics += [(Namespace, datum["MetricName"], datum["Values"]) for datum in MetricData]

    def describe_log_streams(self, **_):
        last = {"lastEventTimestamp": self.events[-1]["timestamp"]} if self.events else {}
        return {"logStreams": [last]}

    def get_log_events(self, startTime, **_):  # noqa: N803
        return {"events": [event for event in self.events if event["timestamp"] >= startTime]}


def shipper_of(docker, aws):
    return LogShipper(docker, aws)


def ship(aws, count):
    lines = [f"1970-01-01T00:00:01Z {number}\n".encode() for number in range(count)]
    shipper = shipper_of(Docker(lines), aws)
    shipper.follow("c", TARGET)
    joined()
    return shipper


def joined():
    for thread in threading.enumerate():
        if thread.name == "dataplane-log":
            thread.join(10)


def test_a_metric_in_a_line_goes_to_cloudwatch_and_the_line_to_the_log():
    aws = Aws()
    line = metric_line(
        {"ClusterName": "c", "ServiceName": "s"}, {"UnsentLogs": 3, "OldestUnsentLogSeconds": 12.5}, 1.5
    )
    shipper = shipper_of(Docker([f"1970-01-01T00:00:01Z {line}\n".encode()]), aws)
    shipper.follow("c", TARGET)
    joined()
    shipper.flush()
    assert aws.sent == [line]
    assert aws.metrics == [
        ("KFAirflow", "UnsentLogs", [3.0]),
        ("KFAirflow", "OldestUnsentLogSeconds", [12.5]),
    ]


def test_what_a_container_wrote_before_its_exit_is_sent_in_order():
    aws = Aws()
    shipper = ship(aws, 12_000)
    shipper.start()
    shipper.stop()
    assert aws.sent == [str(number) for number in range(12_000)]
    assert shipper.drained("c")


@pytest.mark.parametrize("sent", [0, 1, 3, 5])
def test_after_a_restart_logs_go_on_where_they_were(sent):
    stamps = ["01Z", "01.001Z", "01.0021Z", "01.0022Z", "01.0023Z", "02Z"]
    lines = [f"1970-01-01T00:00:{stamp} {number}\n".encode() for number, stamp in enumerate(stamps)]
    aws = Aws()
    aws.put_log_events(
        "group",
        "stream",
        [{"timestamp": event.timestamp, "message": event.message} for event in parse_messages(lines[:sent])],
    )
    shipper = shipper_of(Docker(lines), aws)
    shipper.resume("c", TARGET)
    joined()
    shipper.flush()
    assert aws.sent == ["0", "1", "2", "3", "4", "5"]


def test_a_container_is_not_drained_before_its_events_are_sent():
    assert not ship(Aws(), 1).drained("c")


def test_events_stay_until_a_call_succeeds():
    aws = Aws(failures=1)
    shipper = ship(aws, 2)
    shipper.flush()
    assert not shipper.drained("c")
    shipper.flush()
    assert aws.sent == ["0", "1"]
    assert shipper.drained("c")


def test_an_unknown_container_has_nothing_left():
    assert shipper_of(Docker([]), Aws()).drained("other")


def test_the_sender_outlives_what_nobody_expected(monkeypatch, caplog):
    monkeypatch.setattr(logs, "_FLUSH_SECONDS", 0.01)
    aws, client = Aws(), Aws.client
    calls = iter([ValueError("what is this?")])

    def failing_once(self, *arguments):
        for error in calls:
            raise error
        return client(self, *arguments)

    monkeypatch.setattr(Aws, "client", failing_once)
    shipper = ship(aws, 1)
    shipper.start()
    for _ in range(200):
        if aws.sent:
            break
        threading.Event().wait(0.05)
    shipper.stop()
    assert aws.sent == ["0"]
    assert "what is this?" in caplog.text
