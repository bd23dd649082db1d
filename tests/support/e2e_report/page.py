"""The report as one page that needs no network."""

import base64
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from project import ROOT

from e2e_report import drawing, plot
from e2e_report.deployed import Deployed
from e2e_report.report import Report

_TEMPLATE = Path(__file__).with_name("page.html.jinja")


def html(report: Report) -> str:
    """Returns the page."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_TEMPLATE.read_text())
    picture = drawing.svg(Deployed.of(report.stack)) if report.stack else None
    timeline = plot.svg(report.timeline) if report.timeline else None
    return template.render(
        report=report,
        picture=picture,
        timeline=timeline,
        shots=[(result, name, base64.b64encode(content).decode()) for result, name, content in report.shots],
        about=_about(),
    )


def _about() -> str:
    commit = _git("rev-parse", "--short", "HEAD")
    changed = " with changes" if _git("status", "--porcelain", "--untracked-files=no") else ""
    when = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{when}, commit {commit}{changed}, {os.cpu_count()} cores, {platform.machine()}"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
