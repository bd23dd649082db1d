"""The report of a session, in the browser that its readers have."""

from pathlib import Path

import pytest
from browser import browser_page
from e2e_report.page import html
from e2e_report.report import Report
from playwright.sync_api import expect
from project import E2E_REPORT

from kf_airflow_local.synthesis import stack_file
from kf_airflow_local.workspace import Workspace

pytestmark = pytest.mark.e2e


def test_what_there_is_of_the_report_is_shown_without_a_network(tmp_path: Path) -> None:
    report = Report.read(E2E_REPORT, stack_file(Workspace().synthesized), failed=False)
    written = tmp_path / "index.html"
    written.write_text(html(report))
    asked: list[str] = []
    complaints: list[str] = []

    with browser_page(offline=True) as page:
        page.on("request", lambda request: asked.append(request.url.partition(":")[0]))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(written.as_uri())

        expect(page.locator("#deployed ~ .drawing svg")).to_contain_text("scheduler")

    assert set(asked) <= {"file", "data"}
    assert complaints == []
