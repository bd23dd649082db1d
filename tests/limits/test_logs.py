"""No log is lost while S3 is away, and its page always says what there is."""

import os
import time
from collections.abc import Iterator
from typing import Any

import log_reading
import pytest
from container_programs import run_in
from plain_airflow import PlainAirflow
from plain_logs import LOGGING_DAGS, PlainLogs, logging_airflow
from plain_s3 import BUCKET, PREFIX, PlainS3
from waiting import wait_for

AWAITED = ("speak", "odd", "mapped", "tries", "poked")
MAPPED = int(os.environ.get("LOGS_MAPPED", "1000"))
_AWAY = "ServiceUnavailable"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlainLogs]:
    with logging_airflow(tmp_path_factory.mktemp("ca"), LOGGING_DAGS, AWAITED) as system:
        yield system


@pytest.fixture
def s3(system: PlainLogs) -> PlainS3:
    return system.s3


@pytest.fixture
def airflow(system: PlainLogs) -> PlainAirflow:
    return system.airflow


def test_a_log_is_in_s3_within_five_seconds_of_the_end(s3: PlainS3, airflow: PlainAirflow) -> None:
    task = log_reading.begun(airflow, "speak", lines=100, seconds=2)
    wait_for(
        "the task has ended",
        lambda: log_reading.task_of(airflow, "speak", task["dag_run_id"])["state"],
        lambda state: state == "success",
        timeout_seconds=60,
        interval_seconds=0.1,
    )
    stored = log_reading.await_object(s3, task, seconds=5)

    assert log_reading.numbers(stored.decode()) == list(range(100))
    assert f"s3://{BUCKET}/{PREFIX}/{log_reading.path_of(task)}" in airflow.api.log_text(task)


def test_binary_unicode_long_and_secret_lines_are_readable(airflow: PlainAirflow) -> None:
    text = airflow.api.log_text(log_reading.done(airflow, "odd"))

    assert "SECRET ***" in text
    assert "hunter-of-2-secrets" not in text
    assert "UNICODE Grüße 你好 🎈" in text
    assert "BINARY \x00\x01\ufffd\ufffd\ufffd( end" in text
    assert "LONG " + "y" * 2**20 + " end" in text


def test_the_tries_of_a_task_are_told_apart(airflow: PlainAirflow) -> None:
    run = airflow.api.trigger("tries")
    airflow.api.wait_for_run("tries", run)
    task = log_reading.task_of(airflow, "tries", run)
    first, second = (airflow.api.log_text(task, try_number=number) for number in (1, 2))

    assert ("TRY 1" in first, "TRY 2" in first) == (True, False)
    assert ("TRY 1" in second, "TRY 2" in second) == (False, True)


def test_a_try_that_was_rescheduled_is_one_log(s3: PlainS3, airflow: PlainAirflow) -> None:
    task = log_reading.done(airflow, "poked")
    stored = log_reading.await_object(s3, task)

    pokes = [line for line in stored.decode().splitlines() if "POKE" in line]
    assert len(pokes) > 1
    assert len(set(pokes)) == len(pokes)
    assert airflow.api.log_text(task).count("POKE") == len(pokes)


def test_who_follows_a_log_sees_each_line_once(airflow: PlainAirflow) -> None:
    task = log_reading.begun(airflow, "speak", lines=3000, seconds=12, size=200)
    seen = [
        number
        for events in log_reading.follow(airflow.api, task)
        for number in log_reading.numbers("\n".join(events))
    ]

    assert seen == list(range(3000))


def test_s3_that_is_away_at_the_end_costs_no_task_and_no_log(s3: PlainS3, airflow: PlainAirflow) -> None:
    with s3.fault(_AWAY):
        task = log_reading.done(airflow, "speak", lines=50)
        shown = airflow.api.log_text(task)
        wait_for("the log has been tried", lambda: _unsent(airflow), bool, timeout_seconds=10)
        on_disk = log_reading.written(airflow, task)
    assert log_reading.numbers(shown) == list(range(50))
    assert "S3 does not answer" in shown
    assert log_reading.await_object(s3, task) == on_disk
    assert "S3 does not answer" not in _shown_later(airflow, task)


def test_a_throttled_s3_gets_each_log_once(s3: PlainS3, airflow: PlainAirflow) -> None:
    with s3.fault("SlowDown", "PUT") as hits:
        task = log_reading.done(airflow, "speak", lines=50)
        wait_for("S3 has refused it thrice", hits, lambda times: times >= 3, timeout_seconds=30)
        assert log_reading.numbers(airflow.api.log_text(task)) == list(range(50))
        on_disk = log_reading.written(airflow, task)

    assert log_reading.await_object(s3, task) == on_disk


def test_an_upload_whose_answer_was_lost_is_there_once(s3: PlainS3, airflow: PlainAirflow) -> None:
    with s3.fault("lost", "PUT") as hits:
        task = log_reading.done(airflow, "speak", lines=50)
        wait_for("two answers were lost", hits, lambda times: times >= 2, timeout_seconds=30)
        on_disk = log_reading.written(airflow, task)
    wait_for("all is sent", lambda: _unsent(airflow), lambda count: count == 0, timeout_seconds=30)

    assert log_reading.await_object(s3, task) == on_disk


def test_an_s3_that_hangs_holds_up_neither_tasks_nor_the_page(s3: PlainS3, airflow: PlainAirflow) -> None:
    with s3.fault("hang"):
        first = log_reading.done(airflow, "speak", lines=50)
        began = time.monotonic()
        shown = airflow.api.log_text(first)
        took = time.monotonic() - began
        second = log_reading.done(airflow, "speak", lines=50)
        on_disk = [log_reading.written(airflow, task) for task in (first, second)]

    assert (log_reading.numbers(shown), took < 10) == (list(range(50)), True)
    assert [log_reading.await_object(s3, task) for task in (first, second)] == on_disk
    lasted = [task["duration"] for task in (first, second)]
    assert max(lasted) < 10


def test_a_worker_that_is_killed_finds_its_unsent_logs_again(s3: PlainS3, airflow: PlainAirflow) -> None:
    with s3.fault(_AWAY):
        task = log_reading.done(airflow, "speak", lines=50)
        on_disk = log_reading.written(airflow, task)
        airflow.worker.kill()
        airflow.worker.start()

    assert log_reading.await_object(s3, task, seconds=90) == on_disk


def test_a_worker_that_is_told_to_end_waits_until_its_logs_are_sent(
    s3: PlainS3, airflow: PlainAirflow
) -> None:
    with s3.fault(_AWAY):
        task = log_reading.done(airflow, "speak", lines=50)
        on_disk = log_reading.written(airflow, task)
        airflow.worker.kill(signal="TERM")
        time.sleep(15)
        airflow.worker.reload()
        assert airflow.worker.status == "running"
    code = airflow.worker.wait(timeout=60)["StatusCode"]
    airflow.kill(airflow.worker)
    airflow.worker = airflow.new_worker()

    assert (log_reading.await_object(s3, task, seconds=1), code) == (on_disk, 0)


def test_every_log_of_many_mapped_tasks_is_readable(s3: PlainS3, airflow: PlainAirflow) -> None:
    run = airflow.api.trigger("mapped", tasks=MAPPED)
    assert airflow.api.wait_for_run("mapped", run, timeout_seconds=60 + MAPPED)["state"] == "success"
    wait_for("all is sent", lambda: _unsent(airflow), lambda count: count == 0, timeout_seconds=60)
    stored = s3.objects(f"{PREFIX}/dag_id=mapped/run_id={run}/task_id=one/")
    tasks = [task for task in airflow.api.task_instances("mapped", run) if task["task_id"] == "one"]

    assert len(stored) == len(tasks) == MAPPED
    for task in tasks:
        assert f"NUMBER {task['map_index']}" in stored[f"{PREFIX}/{log_reading.path_of(task)}"].decode()
    for task in tasks[:: MAPPED // 20]:
        assert f"NUMBER {task['map_index']}" in airflow.api.log_text(task).splitlines()


def test_a_killed_worker_loses_the_unsent_tail_and_the_page_says_so(
    s3: PlainS3, airflow: PlainAirflow
) -> None:
    task = log_reading.begun(airflow, "speak", lines=3000, seconds=300)
    stored = log_reading.await_object(s3, task, seconds=100)
    airflow.kill(airflow.worker)
    shown = airflow.api.log_text(task)
    airflow.worker = airflow.new_worker()

    sent = log_reading.numbers(stored.decode())
    assert len(sent) > 100
    assert log_reading.numbers(shown)[: len(sent)] == sent == list(range(len(sent)))
    assert "which runs this task, does not answer" in shown
    assert "Shown is what it had sent to S3 by" in shown


def _unsent(airflow: PlainAirflow) -> int:
    """How many notes there are; those of the sender itself begin with a dot."""
    return int(run_in(airflow.worker, "sh", "-c", f"ls {log_reading.LOGS}/.unsent | wc -l"))


def _shown_later(airflow: PlainAirflow, task: dict[str, Any]) -> str:
    """What is shown when the webserver asks S3 again, which it does after five seconds."""
    time.sleep(6)
    return airflow.api.log_text(task)
