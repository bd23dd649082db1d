"""The file that becomes a comment."""

from pathlib import Path

import pytest

from kf_airflow_deploy import report
from kf_airflow_deploy.errors import DeployError


def test_what_is_shown_is_in_the_file_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "reports/plan.md"

    with report.reported(path, "Plan of qa") as display:
        display.say("Plan: 1 to add.", style="bold")
        display.log("\x1b[32m+ aws_s3_bucket.logs [new]\x1b[0m")

    assert path.read_text() == "### Plan of qa\n\n```text\nPlan: 1 to add.\n+ aws_s3_bucket.logs [new]\n```\n"
    assert "Plan: 1 to add." in capsys.readouterr().out


def test_what_went_wrong_is_in_the_file_too(tmp_path: Path) -> None:
    path = tmp_path / "plan.md"

    def plan() -> None:
        with report.reported(path, "Plan of qa") as display:
            display.say("Planning.")
            raise DeployError("The workspace is locked.")

    with pytest.raises(DeployError):
        plan()

    assert "Planning.\nThe workspace is locked.\n```" in path.read_text()


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    with report.reported(None, "Plan of qa") as display:
        display.say("Planning.")

    assert not display.console.record


def test_nothing_that_is_said_ends_the_block() -> None:
    assert report.markdown("Plan", "a\n````\nb") == "### Plan\n\n`````text\na\n````\nb\n`````\n"


def test_of_what_is_too_long_for_a_comment_the_end_is_kept() -> None:
    text = report.markdown("Plan", "line\n" * 20_000 + "Plan: 1 to add.\n")

    assert len(text) < 65_536
    assert text.endswith("\nline\nPlan: 1 to add.\n```\n")
    assert "The beginning is left out" in text
