"""What people see, on a terminal and without one."""

import io

from rich.console import Console

from kf_airflow_deploy.display import Display


def display(*, terminal: bool) -> tuple[Display, io.StringIO]:
    seen = io.StringIO()
    console = Console(file=seen, force_terminal=terminal, width=100, highlight=False, soft_wrap=True)
    return Display(console), seen


def test_without_a_terminal_every_stage_is_a_line() -> None:
    shown, seen = display(terminal=False)

    with shown.progress():
        shown.stage("planning")
        shown.log("\x1b[1maws_vpc.a: Creating...\x1b[0m")
        shown.stage("applying", total=2)

    assert seen.getvalue() == "planning\naws_vpc.a: Creating...\napplying\n"


def test_on_a_terminal_the_bar_follows_the_log() -> None:
    shown, seen = display(terminal=True)

    with shown.progress():
        shown.stage("applying", total=2)
        shown.log("aws_vpc.a: Creation complete after 1s [id=vpc-1]")
        assert shown._progress
        assert shown._progress.tasks[0].completed == 1
        shown.log("aws_vpc.a: Still creating...")
        assert shown._progress.tasks[0].completed == 1

    assert "applying" in seen.getvalue()


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    shown, seen = display(terminal=False)

    shown.log("count = [red]")
    shown.say("the list [bold]")

    assert seen.getvalue() == "count = [red]\nthe list [bold]\n"
