import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from kf_airflow_runtime.log_page import Page, ServedLog


class Message:
    """As much of Airflow's `StructuredLogMessage` as there is to see."""

    def __init__(self, event: str, **_: Any) -> None:
        self.event = event


class Accumulator:
    """Airflow's, which counts the lines of a stream before it gives them."""

    def __init__(self, stream: Iterator[Any], _lines: int) -> None:
        self._all = list(stream)
        self.total_lines, self.stream = len(self._all), iter(self._all)

    def __enter__(self) -> "Accumulator":
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Handler:
    """As much of Airflow's `FileTaskHandler` as ours calls."""

    def _render_filename(self, ti: Any, try_number: int) -> str:
        return f"{ti.dag_id}/attempt={try_number}.log"


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The handler, over as much of Airflow as it names: that is only in the image."""
    names: dict[str, dict[str, Any]] = {
        "airflow.utils.log.file_task_handler": {
            "FileTaskHandler": Handler,
            "LogType": SimpleNamespace(TRIGGER="trigger"),
            "StructuredLogMessage": Message,
            "_log_stream_to_parsed_log_stream": lambda lines: ((None, 0, Message(line)) for line in lines),
        },
        "airflow.utils.log.log_stream_accumulator": {"LogStreamAccumulator": Accumulator},
        "airflow.utils.state": {
            "State": SimpleNamespace(finished={"success", "failed"}),
            "TaskInstanceState": SimpleNamespace(
                RUNNING="running",
                DEFERRED="deferred",
                UP_FOR_RETRY="up_for_retry",
                UP_FOR_RESCHEDULE="up_for_reschedule",
            ),
        },
        "kf_airflow_runtime.served_logs": {},
    }
    for name, members in names.items():
        made = ModuleType(name)
        made.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, made)
    module = importlib.import_module("kf_airflow_runtime.log_page_handler")
    made_handler: Any = module.LogPageHandler()
    made_handler.module = module
    yield made_handler
    del sys.modules[module.__name__]


@pytest.fixture
def read(handler: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], dict[str, Any]]]:
    """Reads a log that has these lines, as Airflow would."""

    def read(
        lines: list[str],
        state: str = "success",
        metadata: dict[str, Any] | None = None,
        notices: list[str] | None = None,
        try_number: int = 1,
    ) -> tuple[list[str], dict[str, Any]]:
        def page(path: str, of: Any) -> Page:
            handler.asked = (path, of)
            text = "".join(f"{line}\n" for line in lines).encode()
            part = ServedLog("here", "1", len(text), lambda: iter([text]))
            return Page(["here"], [part], list(notices or []), writes=of.writes)

        monkeypatch.setattr(handler.module, "_pages", lambda: SimpleNamespace(page=page))
        ti = SimpleNamespace(
            dag_id="d", state=state, try_number=1, end_date="end", hostname="10.0.0.5", triggerer_job=None
        )
        stream, answer = handler._read(ti, try_number, metadata)
        return [message.event for message in stream], answer

    return read


HEADER = ["::group::Log message source details", "here", "::endgroup::"]


def test_a_log_that_has_ended_is_its_sources_its_lines_and_what_is_missing(read: Any) -> None:
    shown, metadata = read(["a", "b"], notices=["S3 is away"])
    assert shown == [*HEADER, "a", "b", "S3 is away"]
    assert metadata["end_of_log"]


def test_who_follows_a_running_task_gets_what_is_new(read: Any) -> None:
    first, metadata = read(["a", "b"], state="running")
    second, metadata = read(["a", "b", "c"], state="running", metadata=metadata)
    last, metadata = read(["a", "b", "c", "d"], metadata=metadata)
    assert (first, second, last) == ([*HEADER, "a", "b"], ["c"], ["d"])
    assert metadata["end_of_log"]


def test_a_log_that_is_shorter_for_a_moment_shows_no_line_twice(read: Any) -> None:
    _, metadata = read(["a", "b"], state="running")
    nothing, metadata = read([], state="running", metadata=metadata)
    new, _ = read(["a", "b", "c"], state="running", metadata=metadata)
    assert (nothing, new) == ([], ["c"])


def test_what_is_missing_of_a_running_log_is_said_at_the_first_look_alone(read: Any) -> None:
    first, metadata = read(["a"], state="running", notices=["S3 is away"])
    second, _ = read(["a", "b"], state="running", notices=["S3 is away"], metadata=metadata)
    assert (first[-1], second) == ("S3 is away", ["b"])


@pytest.mark.parametrize(
    ("state", "writes", "ended"),
    [("running", True, None), ("deferred", True, None), ("success", False, "end"), ("queued", False, None)],
)
def test_who_may_still_write_is_told_by_the_state(
    read: Any, handler: Any, state: str, writes: bool, ended: str | None
) -> None:
    read([], state=state)
    path, of = handler.asked
    assert (path, of.writes, of.ended, of.host) == ("d/attempt=1.log", writes, ended, "10.0.0.5")


def test_an_earlier_try_has_ended_whatever_the_present_one_does(read: Any, handler: Any) -> None:
    _, metadata = read([], state="running", try_number=0)
    _, of = handler.asked
    assert (of.writes, of.ended, metadata["end_of_log"]) == (False, "end", True)
