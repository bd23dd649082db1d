"""All that there is to say of one session, from the files that it left."""

import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e_report import results
from e2e_report.results import Module, Result
from e2e_report.timeline import FILE, Timeline
from kf_airflow_local.up_report import UpReport

UPS = {"up-before.json": "What it is upgraded from", "up.json": "What is tested"}
TESTS = "tests.xml"
LOGS = "logs.txt"


@dataclass(frozen=True)
class Deployment:
    """A run of `nox -s up`, and what it was for."""

    title: str
    up: UpReport

    @property
    def seconds(self) -> float:
        """How long its stages took together, in seconds."""
        return sum(stage.seconds for stage in self.up.stages)


@dataclass(frozen=True)
class Report:
    """One session.

    Args:
        failed: Whether the session failed, for whatever reason.
        deployments: The runs of `nox -s up`; none when a system that ran already was tested.
        stack: The synthesized stack that was tested last; empty if there is none.
        tests: What became of the tests; None when pytest told nothing.
        timeline: The run that was watched. None if none was.
        logs: What explains a failure of the tests; empty if they did not fail.
        pictures: Content of the pictures that tests took, by file name.
    """

    failed: bool
    deployments: Sequence[Deployment] = ()
    stack: Mapping[str, Any] = field(default_factory=dict)
    tests: Sequence[Result] | None = None
    timeline: Timeline | None = None
    logs: str = ""
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, running: Path, *, failed: bool) -> "Report":
        """Reads what a session left.

        Args:
            folder: Where it left it.
            running: The synthesized stack of the system that runs, for a session that deployed none.
            failed: Whether it failed.
        """
        deployments = [
            Deployment(title, UpReport.read(folder / name))
            for name, title in UPS.items()
            if (folder / name).is_file()
        ]
        stacks = [deployment.up.stack for deployment in deployments if deployment.up.stack]
        if not deployments and running.is_file():
            stacks = [json.loads(running.read_text())]
        logs = folder / LOGS
        return cls(
            failed=failed,
            deployments=deployments,
            stack=stacks[-1] if stacks else {},
            tests=results.read(folder / TESTS),
            timeline=Timeline.read(folder / FILE),
            logs=logs.read_text() if logs.is_file() else "",
            pictures={picture.name: picture.read_bytes() for picture in sorted(folder.glob("*.png"))},
        )

    @property
    def modules(self) -> list[Module]:
        """The tests by their modules."""
        return results.by_module(self.tests or [])

    @property
    def shots(self) -> list[tuple[Result, str, bytes]]:
        """Each picture with the test that took it, and its name."""
        return [
            (result, name, self.pictures[name])
            for result in self.tests or []
            for name in result.pictures
            if name in self.pictures
        ]

    @property
    def good(self) -> bool:
        """Whether tests ran, and all went well."""
        passed = any(result.outcome == "passed" for result in self.tests or [])
        return passed and not self.failed and all(result.good for result in self.tests or [])

    @property
    def failures(self) -> str:
        """The tests that failed, and why, in a few lines each: the last words of a session."""
        return "\n".join(
            f"{result.module}::{result.name} {result.outcome}\n{textwrap.indent(result.reason, '    ')}"
            for result in self.tests or []
            if not result.good
        )

    @property
    def verdict(self) -> str:
        """What came of it, in a sentence."""
        broken = [deployment for deployment in self.deployments if deployment.up.error]
        if broken:
            stages = [stage.title for stage in broken[-1].up.stages if not stage.good]
            where = f" at the stage {stages[-1]}" if stages else ""
            return f"No test ran: the deployment failed{where}."
        if self.tests is None:
            return "No test is known to have run: pytest wrote no results."
        if not self.tests:
            return "No test ran."
        outcomes = [result.outcome for result in self.tests]
        counts = ", ".join(f"{outcomes.count(word)} {word}" for word in dict.fromkeys(sorted(outcomes)))
        tail = ""
        if self.failed and all(result.good for result in self.tests):
            tail = (
                " The session failed all the same: it was interrupted, or something beside the tests failed."
            )
        return f"Tests: {counts}.{tail}"
