"""What the report of the end-to-end tests says, from the files that a session leaves."""

import dataclasses
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from e2e_report import plot, results
from e2e_report.page import html
from e2e_report.report import LOGS, TESTS, Report
from e2e_report.results import Result
from e2e_report.timeline import FILE, TaskTimes, Timeline

from kf_airflow_local.progress import EndedStage
from kf_airflow_local.up_report import UpReport

SUITE = """
import pytest

def test_the_log_is_there(record_property):
    record_property("picture", "log.png")

def test_it_breaks():
    assert "<b>" == "&"

def test_each_is_left_out():
    pytest.skip("no reason")

@pytest.fixture
def broken():
    yield
    raise RuntimeError("the end of it")

@pytest.mark.parametrize("name", ["a_b"])
def test_its_end_breaks(broken, name):
    pass
"""
STAGES = [EndedStage("images", "Images", 8.5, "up to date", True)]
BROKEN = EndedStage("apply", "Terraform", 60.0, "no <room>", False)
TASK = TaskTimes("piece[0]", scheduled=1.0, queued=1.5, started=2.0, ended=6.0, in_s3=6.5, readable=7.0)
TIMELINE = Timeline("it of smoke", "2026-11-30T07:00:00+00:00", 0.1, 0.2, 8.0, [TASK])
PASSED = Result("test_logs", "test_the_log_is_there", "passed", 1.5, pictures=("log.png",))
FAILED = Result("test_logs", "test_it_breaks", "failed", 0.5, said="assert '<b>' == '&'")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a session whose tests ran."""
    folder = tmp_path_factory.mktemp("session")
    suite = folder / "test_suite.py"
    suite.write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-o", "junit_family=xunit1", f"--junitxml={folder / TESTS}"]
    subprocess.run([*command, str(suite)], cwd=folder, capture_output=True, check=False)
    (folder / "log.png").write_bytes(b"a picture")
    (folder / LOGS).write_text("--- worker: exited with code 1")
    UpReport({}, STAGES, "", "").write(folder / "up-before.json")
    UpReport({}, STAGES, "", "").write(folder / "up.json")
    TIMELINE.write(folder / FILE)
    return folder


def read(folder: Path, *, failed: bool = True) -> Report:
    return Report.read(folder, folder / "no-stack.json", failed=failed)


class Page(HTMLParser):
    """The text of a page, and every address that it has something from."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.addresses, self.tags = "", list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += " " if tag == "td" else ""
        names = {"src", "href", "xlink:href", "data", "poster", "srcset", "action"}
        self.addresses += [value or "" for name, value in attrs if name in names]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_each_test_is_read_with_what_became_of_it(session: Path) -> None:
    found = {result.sentence: result.outcome for result in read(session).tests or []}

    assert found == {
        "the log is there": "passed",
        "it breaks": "failed",
        "each is left out": "skipped",
        "its end breaks [a_b]": "error",
    }


def test_what_a_failing_test_said_is_read(session: Path) -> None:
    said = {result.name: result.said for result in read(session).tests or []}

    assert "assert '<b>' == '&'" in said["test_it_breaks"]
    assert "the end of it" in said["test_its_end_breaks[a_b]"]


def test_the_last_words_of_a_session_name_the_tests_that_failed_and_why(session: Path) -> None:
    program = Path(__file__).parents[1] / "support" / "write_e2e_report.py"
    command = [sys.executable, str(program), str(session)]

    told = subprocess.run([*command, "--failed"], capture_output=True, text=True, check=True).stdout

    assert told.splitlines()[:4] == [
        "test_suite::test_it_breaks failed",
        "    AssertionError: assert '<b>' == '&'",
        "    - &",
        "    + <b>",
    ]
    assert "test_suite::test_its_end_breaks[a_b] error\n    RuntimeError: the end of it\n" in told


def test_a_failure_that_pytest_does_not_mark_is_told_by_its_last_lines() -> None:
    assert FAILED.reason == "assert '<b>' == '&'"


def test_a_picture_is_read_with_the_test_that_took_it(session: Path) -> None:
    shots = [(result.name, name, content) for result, name, content in read(session).shots]

    assert shots == [("test_the_log_is_there", "log.png", b"a picture")]


def test_a_picture_that_was_not_taken_after_all_is_not_shown() -> None:
    assert Report(failed=False, tests=[PASSED]).shots == []


def test_deployments_are_read_in_their_order(session: Path) -> None:
    titles = [deployment.title for deployment in read(session).deployments]

    assert titles == ["What it is upgraded from", "What is tested"]


def test_a_timeline_is_read_as_it_was_written(session: Path) -> None:
    assert read(session).timeline == TIMELINE


def test_modules_come_in_the_order_of_their_first_tests() -> None:
    other = dataclasses.replace(PASSED, module="test_alarms")

    modules = results.by_module([PASSED, other, FAILED])

    assert [(module.name, module.seconds, module.good) for module in modules] == [
        ("test_logs", 2.0, False),
        ("test_alarms", 1.5, True),
    ]


def test_a_session_that_passed_is_said_to_have() -> None:
    report = Report(failed=False, tests=[PASSED])

    assert (report.good, report.verdict) == (True, "Tests: 1 passed.")


def test_one_failing_test_is_no_success() -> None:
    report = Report(failed=True, tests=[PASSED, FAILED])

    assert (report.good, report.verdict) == (False, "Tests: 1 failed, 1 passed.")


def test_a_session_that_was_interrupted_is_no_success() -> None:
    report = Report(failed=True, tests=[PASSED])

    assert not report.good
    assert report.verdict.startswith("Tests: 1 passed. The session failed all the same")


@pytest.mark.parametrize(
    ("tests", "verdict"),
    [
        (None, "No test is known to have run: pytest wrote no results."),
        ([], "No test ran."),
        ([dataclasses.replace(PASSED, outcome="skipped")], "Tests: 1 skipped."),
    ],
)
def test_a_session_without_a_test_that_passed_is_no_success(tests: list[Result] | None, verdict: str) -> None:
    report = Report(failed=False, tests=tests)

    assert (report.good, report.verdict) == (False, verdict)


def test_a_failed_deployment_is_why_no_test_ran(tmp_path: Path) -> None:
    UpReport({}, [*STAGES, BROKEN], "no <room>", "--- database: exited").write(tmp_path / "up.json")

    report = read(tmp_path)

    assert not report.good
    assert report.verdict == "No test ran: the deployment failed at the stage Terraform."


def test_a_folder_without_anything_is_a_page_that_says_so(tmp_path: Path) -> None:
    text = Page(html(read(tmp_path))).text

    assert "pytest wrote no results" in text
    assert "no stack was synthesized in this session" in text
    assert "No run was watched" in text


def test_the_page_explains_a_failed_deployment(tmp_path: Path) -> None:
    UpReport({}, [*STAGES, BROKEN], "no <room>", "--- database: exited").write(tmp_path / "up.json")

    text = Page(html(read(tmp_path))).text

    assert "no <room>" in text
    assert "--- database: exited" in text


def test_the_page_has_what_failing_tests_said_and_the_logs(session: Path) -> None:
    text = Page(html(read(session))).text

    assert "assert '<b>' == '&'" in text
    assert "--- worker: exited with code 1" in text


def test_the_page_of_a_success_tells_of_no_failure() -> None:
    assert "What failed" not in Page(html(Report(failed=False, tests=[PASSED]))).text


def test_the_page_has_the_stages_and_the_tests_with_their_seconds(session: Path) -> None:
    text = re.sub(r"\s+", " ", Page(html(read(session))).text)

    assert "Images 8.5 s up to date" in text
    assert re.search(r"the log is there passed \d+\.\d s", text)


def test_what_tests_and_logs_say_is_text_and_no_part_of_the_page(session: Path) -> None:
    written = html(dataclasses.replace(read(session), logs="<script>alert(1)</script>"))

    assert "script" not in Page(written).tags
    assert "<script>alert(1)</script>" in Page(written).text


def test_the_page_has_nothing_from_anywhere_else(session: Path) -> None:
    page = Page(html(read(session)))
    local = [address for address in page.addresses if address.startswith(("data:", "#"))]

    assert "data:image/png;base64,YSBwaWN0dXJl" in local
    assert page.addresses == local


def test_the_page_tells_how_long_the_slowest_log_took(session: Path) -> None:
    assert "Every log could be read 1.0 s after its task's end or sooner." in Page(html(read(session))).text


def test_a_log_that_could_not_be_read_is_told() -> None:
    unread = dataclasses.replace(TASK, name="piece[1]", readable=None)
    timeline = dataclasses.replace(TIMELINE, tasks=[TASK, unread])

    text = Page(html(Report(failed=True, tests=[FAILED], timeline=timeline))).text

    assert "Not every log could be read" in text


def test_the_plot_names_each_task_and_each_mark() -> None:
    # matplotlib draws letters as shapes, and keeps the text beside them as a comment.
    said = set(re.findall(r"<!-- (.*?) -->", plot.svg(TIMELINE)))

    assert {"piece[0]", "queued", "runs", "log in S3", "log readable in the UI", "run ended (8.0 s)"} <= said


def test_a_task_that_never_began_is_plotted_without_marks() -> None:
    lost = TaskTimes("finish", None, None, None, None, None, None)

    said = re.findall(r"<!-- (.*?) -->", plot.svg(dataclasses.replace(TIMELINE, tasks=[lost])))

    assert "finish" in said
    assert "log in S3" not in said
