import signal

import pytest

from kf_airflow_runtime.last_steps import give_up_after, last_steps


def test_with_120_s_tasks_have_95_and_each_signal_comes_before_the_end() -> None:
    assert [(step.after_seconds, step.signal) for step in last_steps(120)] == [
        (95, signal.SIGTERM),
        (100, signal.SIGINT),
        (110, signal.SIGKILL),
    ]


def test_with_little_time_half_of_it_is_kept_for_the_end() -> None:
    assert [step.after_seconds for step in last_steps(30)] == [15, 18, 24]


@pytest.mark.parametrize("seconds", [1.0, 2.0, 10.0, 30.0, 50.0, 120.0])
def test_all_steps_come_in_order_and_before_the_worker_gives_up(seconds: float) -> None:
    moments = [step.after_seconds for step in last_steps(seconds)]
    assert [*moments, give_up_after(seconds), seconds] == sorted({*moments, give_up_after(seconds), seconds})
