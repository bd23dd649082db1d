import os
import time
from pathlib import Path

import pytest
from fake_clock import FakeClock

from kf_airflow_runtime.log_upload import Upload
from kf_airflow_runtime.running_logs import RunningLogs

PATH = "dag_id=d/run_id=r/task_id=t/attempt=1.log"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / PATH
    file.parent.mkdir(parents=True)
    file.write_text("line\n")
    return file


def look(logs: RunningLogs, clock: FakeClock) -> list[str]:
    clock.now += 60
    return logs.due(except_for=set())


def hours_ago(file: Path, hours: float) -> None:
    then = time.time() - hours * 3600
    os.utime(file, (then, then))


def test_a_log_that_was_sent_an_hour_ago_is_emptied(tmp_path: Path, log: Path) -> None:
    clock = FakeClock()
    logs = RunningLogs(tmp_path, clock)
    logs.sent(PATH, Upload("me", "key", log.stat().st_size), ended=True)
    hours_ago(log, 2)
    look(logs, clock)
    assert (log.read_text(), logs.uploaded(PATH)) == ("", None)


def test_a_log_that_has_grown_since_it_was_sent_is_not_emptied(tmp_path: Path, log: Path) -> None:
    clock = FakeClock()
    logs = RunningLogs(tmp_path, clock)
    logs.sent(PATH, Upload("me", "key", 2), ended=True)
    hours_ago(log, 2)
    assert look(logs, clock) == [PATH]
    assert log.read_text() == "line\n"


def test_the_log_of_a_task_that_is_silent_for_hours_is_not_emptied(tmp_path: Path, log: Path) -> None:
    clock = FakeClock()
    logs = RunningLogs(tmp_path, clock)
    logs.sent(PATH, Upload("me", "key", log.stat().st_size), ended=False)
    hours_ago(log, 20)
    look(logs, clock)
    assert log.read_text() == "line\n"


def test_a_log_that_is_noted_is_left_to_that(tmp_path: Path, log: Path) -> None:
    clock = FakeClock()
    logs = RunningLogs(tmp_path, clock)
    for _ in range(3):
        clock.now += 60
        assert logs.due(except_for={PATH}) == []
    assert log.exists()
