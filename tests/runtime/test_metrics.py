import faulthandler
import json
import os
import subprocess
import sys

import pytest

from kf_airflow_runtime import metrics


class EnoughError(Exception):
    """Ends what never ends."""


class Time:
    """A clock that goes on a little when it is looked at, and turns that take the seconds they are told."""

    def __init__(self, *turns: float) -> None:
        self.now = 0.0
        self.turns = list(turns)
        self.started: list[float] = []

    def __call__(self) -> float:
        self.now += 1e-9
        return self.now

    def turn(self) -> None:
        self.started.append(self.now)
        if not self.turns:
            raise EnoughError
        self.now += self.turns.pop(0)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


def starts(*turns: float) -> list[float]:
    time = Time(*turns)
    try:
        with pytest.raises(EnoughError):
            metrics.for_ever(time.turn, time, time.sleep)
    finally:
        faulthandler.cancel_dump_traceback_later()
    return [round(seconds, 3) for seconds in time.started]


def test_a_cycle_starts_every_ten_seconds_whatever_it_takes() -> None:
    assert starts(1, 9, 3) == [0, 10, 20, 30]


def test_after_a_cycle_that_took_longer_the_next_one_starts_at_once_and_none_is_made_up_for() -> None:
    assert starts(25, 1, 1) == [0, 25, 35, 45]


def test_a_cycle_that_does_not_come_back_ends_the_process_and_shows_where() -> None:
    program = (
        "import time; from kf_airflow_runtime import metrics; metrics._STUCK_SECONDS = 0.3;"
        "metrics.for_ever(lambda: time.sleep(60))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, "Timeout (0:00:00.300000)!" in ended.stderr) == (1, True)
    assert "in for_ever" in ended.stderr


def test_pools_that_cannot_be_read_exit_with_78_and_a_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "kf_airflow_runtime.metrics"],
        env={"PATH": os.environ["PATH"], "KF_AIRFLOW_WORKER_POOLS": "[{}]"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    told = json.loads(ended.stdout)
    assert (ended.returncode, ended.stderr) == (78, "")
    assert (told["event"], told["level"], told["exit_code"]) == ("refused", "warning", 78)


def test_neither_airflow_nor_sqlalchemy_is_imported() -> None:
    program = "import sys, kf_airflow_runtime.metrics; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )

    assert not {"airflow", "celery", "sqlalchemy", "boto3", "redis"} & set(ended.stdout.split())
