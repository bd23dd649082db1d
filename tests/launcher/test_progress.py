"""Stages and waits."""

import io
import itertools
import json
import re
import time
from pathlib import Path

import pytest
from rich.console import Console

from kf_airflow_local.errors import LauncherError
from kf_airflow_local.progress import Progress, in_words, wait_until


@pytest.fixture
def shown() -> Progress:
    """Progress that is written to a text."""
    return Progress(Console(file=io.StringIO(), width=200))


def text(shown: Progress) -> str:
    stream = shown.console.file
    assert isinstance(stream, io.StringIO)
    return stream.getvalue()


def test_a_stage_that_is_done_says_what_came_of_it(shown: Progress) -> None:
    with shown.stage("images", "Images") as stage:
        stage.outcome = "up to date"

    assert re.search(r"✓ Images: up to date \(\d+\.\d s\)", text(shown))


def test_a_stage_that_fails_is_not_said_to_be_done(shown: Progress) -> None:
    with pytest.raises(LauncherError), shown.stage("images", "Images"):
        raise LauncherError("no")

    assert "✓" not in text(shown)


def test_a_stage_that_fails_ends_with_what_went_wrong(shown: Progress) -> None:
    with pytest.raises(LauncherError), shown.stage("images", "Images"):
        raise LauncherError("no room")

    (stage,) = shown.ended
    assert (stage.name, stage.outcome, stage.good) == ("images", "no room", False)


def test_a_stage_that_fails_has_no_seconds_in_the_figures(shown: Progress) -> None:
    with pytest.raises(LauncherError), shown.stage("images", "Images"):
        raise LauncherError("no room")

    assert shown.seconds == {}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LauncherError("no room"), "no room"),
        (KeyboardInterrupt(), "interrupted"),
        (AssertionError(), "AssertionError"),
    ],
)
def test_an_error_without_words_is_called_by_its_name(error: BaseException, words: str) -> None:
    assert in_words(error) == words


def test_brackets_are_shown_as_they_are(shown: Progress) -> None:
    with shown.stage("smoke", "Smoke run") as stage:
        stage.say("piece[0] running [/]")

    assert "piece[0] running [/]" in text(shown)


def test_the_report_has_the_seconds_of_each_stage(shown: Progress, tmp_path: Path) -> None:
    with shown.stage("images", "Images"):
        pass

    shown.write(tmp_path / "reports" / "up.json", cold=True)

    report = json.loads((tmp_path / "reports" / "up.json").read_text())
    assert report == {"cold": True, "stages": {"images": shown.seconds["images"]}}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that moves only while somebody waits; returns the waits."""
    waits: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: sum(waits))
    monkeypatch.setattr(time, "sleep", waits.append)
    return waits


def test_a_wait_ends_with_the_first_good_state(clock: list[float]) -> None:
    states = iter([1, 2, 3, 4])

    assert wait_until("it", lambda: next(states), lambda state: state == 3, timeout_seconds=60) == 3
    assert len(clock) == 2


def test_a_wait_that_is_too_long_tells_the_last_state(clock: list[float]) -> None:
    count = itertools.count()

    with pytest.raises(LauncherError, match=r"The thing: not within 5 s; last seen: 6\."):
        wait_until("The thing", lambda: next(count), lambda _: False, timeout_seconds=5)


def test_a_wait_tells_each_new_state_once(clock: list[float]) -> None:
    states, told = iter(["a", "a", "b", "c"]), list[str]()

    wait_until(
        "it", lambda: next(states), lambda state: state == "c", timeout_seconds=60, on_change=told.append
    )

    assert told == ["a", "b"]


def test_a_wait_that_is_of_no_use_ends_with_the_reason(clock: list[float]) -> None:
    with pytest.raises(LauncherError, match="It: it is broken"):
        wait_until("It", lambda: "x", lambda _: False, timeout_seconds=60, give_up=lambda _: "it is broken")
