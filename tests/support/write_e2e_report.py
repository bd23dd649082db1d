"""Writes the report of the session that just ended: `write_e2e_report.py FOLDER [--failed]`."""

import argparse
from pathlib import Path

from e2e_report.page import html
from e2e_report.report import Report

from kf_airflow_local.synthesis import stack_file
from kf_airflow_local.workspace import Workspace


def main() -> None:
    """Reads the folder, and writes index.html into it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--failed", action="store_true", help="the session failed")
    asked = parser.parse_args()
    report = Report.read(asked.folder, stack_file(Workspace().synthesized), failed=asked.failed)
    page = asked.folder / "index.html"
    page.write_text(html(report))
    # Last: of a long output, its end is what is read, and what is kept where it is cut.
    print(*filter(None, (report.failures, f"{report.verdict} The report is {page}.")), sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
