"""How long a supervisor waits before it looks again whether its task has ended."""

from typing import Any

import pytest

from kf_airflow_runtime.task_end import POLL_SECONDS, notice_at_once


def supervisor(*sockets: str) -> Any:
    class Supervisor:
        def __init__(self) -> None:
            self._open_sockets = set(sockets)

        def _service_subprocess(
            self, max_wait_time: float, raise_on_timeout: bool = False, expect_signal: int | None = None
        ) -> tuple[float, bool, int | None]:
            return max_wait_time, raise_on_timeout, expect_signal

    notice_at_once(Supervisor)
    return Supervisor()


def test_it_waits_for_what_the_task_says_as_long_as_airflow_would() -> None:
    assert supervisor("logs")._service_subprocess(5.0) == (5.0, False, None)


def test_it_looks_often_when_the_task_can_say_nothing_more() -> None:
    assert supervisor()._service_subprocess(5.0) == (POLL_SECONDS, False, None)


def test_a_shorter_wait_stays_as_it_is() -> None:
    assert supervisor()._service_subprocess(max_wait_time=0) == (0, False, None)


def test_everything_else_is_handed_on() -> None:
    said = supervisor()._service_subprocess(max_wait_time=5.0, raise_on_timeout=True, expect_signal=15)

    assert said == (POLL_SECONDS, True, 15)


def test_a_supervisor_without_what_this_is_about_is_refused() -> None:
    with pytest.raises(AttributeError, match="_service_subprocess"):
        notice_at_once(object)
