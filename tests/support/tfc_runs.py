"""Runs as Terraform Cloud has them, of which each really runs Terraform on what was uploaded."""

import io
import json
import os
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STEP_SECONDS = 120


@dataclass
class Log:
    """What a plan or apply says, between the two marks that Terraform Cloud puts around it."""

    content: bytes = b""

    def begin(self) -> None:
        self.content = b"\x02"

    def end(self) -> None:
        self.content += b"\x03"


@dataclass
class Workspace:
    """A workspace: its settings, its variables, its state.

    Args:
        name: Its name.
        folder: Where its runs work.
        terraform_environment: What Terraform needs to run here.
        structured: Whether its runs log JSON.
    """

    name: str
    folder: Path
    terraform_environment: Mapping[str, str] = field(default_factory=dict)
    structured: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    locked_by: dict[str, str] | None = None
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    policy_checks: list[dict[str, Any]] = field(default_factory=list)
    cost: dict[str, Any] | None = None
    # Blocks the run until it is set: what is still planned, applied or waited for.
    gates: dict[str, threading.Event] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"ws-{self.name}"

    @property
    def state(self) -> Path:
        return self.folder / "terraform.tfstate"


@dataclass
class Run:
    """A run, which goes through the states of a real one."""

    id: str
    workspace: Workspace
    archive: bytes
    plan_only: bool
    message: str
    status: str = "pending"
    confirmable: bool = False
    has_changes: bool = False
    summary: dict[str, int] = field(default_factory=dict)
    plan_json: bytes = b""
    statuses: list[str] = field(default_factory=list)
    logs: dict[str, Log] = field(default_factory=lambda: {"plan": Log(), "apply": Log()})
    decided: threading.Event = field(default_factory=threading.Event)
    decision: str = ""
    _process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        return self.workspace.folder / self.id

    def enter(self, status: str) -> None:
        """Goes on to a state, and stays there for as long as a gate of that name is closed."""
        self.status = status
        self.statuses.append(status)
        gate = self.workspace.gates.get(status)
        if gate is not None:
            gate.wait(STEP_SECONDS)

    def work(self) -> None:
        """Plans; applies if that is decided."""
        try:
            self._work()
        except FailedError:
            if self.decision != "canceled":
                self.enter("errored")

    def _work(self) -> None:
        self.enter("pending")
        if self._is_decided():
            return
        self.enter("plan_queued")
        self.enter("planning")
        self._plan()
        if self._is_decided():
            return
        if self.workspace.cost:
            self.enter("cost_estimated")
        self.enter("policy_checked" if self.workspace.policy_checks else "planned")
        if any(check["status"] == "soft_failed" for check in self.workspace.policy_checks):
            self.enter("policy_soft_failed" if self.plan_only else "policy_override")
        elif self.plan_only or not self.has_changes:
            self.enter("planned_and_finished")
        else:
            self.confirmable = True
        if self.status == "planned_and_finished" or self.plan_only:
            return
        self.decided.wait(STEP_SECONDS)
        self.confirmable = False
        if self.decision == "applied":
            self.enter("apply_queued")
            self.enter("applying")
            self._terraform("apply", "apply", "-input=false", *self._json(), "planned")
            self.logs["apply"].end()
            self.enter("applied")

    def _is_decided(self) -> bool:
        # Asked anew each time: another thread decides.
        return bool(self.decision)

    def _json(self) -> list[str]:
        return ["-json"] if self.workspace.structured else ["-no-color"]

    def _plan(self) -> None:
        with tarfile.open(fileobj=io.BytesIO(self.archive)) as archive:
            archive.extractall(self.folder, filter="data")
        # Terraform Cloud puts its own place for the state before whatever the configuration has.
        backend = {"terraform": {"backend": {"local": {"path": str(self.workspace.state)}}}}
        (self.folder / "zz_backend_override.tf.json").write_text(json.dumps(backend))
        inputs = self._variables("terraform")
        (self.folder / "terraform.tfvars.json").write_text(json.dumps(inputs))
        self.logs["plan"].begin()
        self._terraform("plan", "init", "-input=false", "-no-color")
        self._terraform("plan", "plan", "-input=false", "-out=planned", *self._json())
        shown = subprocess.run(
            ["terraform", "show", "-json", "planned"],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            check=True,
        )
        self.plan_json = shown.stdout
        actions = [change["change"]["actions"] for change in json.loads(self.plan_json)["resource_changes"]]
        self.summary = {
            "resource-additions": sum("create" in each for each in actions),
            "resource-changes": sum(each == ["update"] for each in actions),
            "resource-destructions": sum("delete" in each for each in actions),
            "resource-imports": 0,
        }
        self.has_changes = any(self.summary.values())
        self.logs["plan"].end()

    def _terraform(self, log: str, *arguments: str) -> None:
        if not self.logs[log].content:
            self.logs[log].begin()
        self._process = subprocess.Popen(
            ["terraform", *arguments],
            cwd=self.folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert self._process.stdout is not None
        with self._process.stdout as output:
            while chunk := os.read(output.fileno(), 4096):
                self.logs[log].content += chunk
        if self._process.wait(STEP_SECONDS):
            self.logs[log].end()
            raise FailedError

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CHECKPOINT_DISABLE": "1",
            **self.workspace.terraform_environment,
            **self._variables("env"),
        }

    def _variables(self, category: str) -> dict[str, str]:
        found = self.workspace.variables.values()
        return {each["key"]: each["value"] for each in found if each["category"] == category}

    def decide(self, decision: str) -> None:
        """Applies (`applied`), discards (`discarded`) or cancels (`canceled`) it."""
        self.decision = decision
        if decision != "applied":
            self.status = decision
            self.statuses.append(decision)
            for gate in self.workspace.gates.values():
                gate.set()
            if self._process and self._process.poll() is None:
                self._process.terminate()
        self.decided.set()


class FailedError(Exception):
    """Terraform ended with an error."""


@dataclass
class Runs:
    """All runs there are, each with a thread of its own."""

    found: dict[str, Run] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, workspace: Workspace, archive: bytes, *, plan_only: bool, message: str) -> Run:
        run = Run(f"run-{len(self.found) + 1}", workspace, archive, plan_only, message)
        self.found[run.id] = run
        thread = threading.Thread(target=run.work, daemon=True)
        self.threads.append(thread)
        thread.start()
        return run

    def finish(self) -> None:
        """Lets whatever still waits go, and waits for it."""
        for run in self.found.values():
            for gate in run.workspace.gates.values():
                gate.set()
            if not run.decided.is_set() and run.status not in {"applied", "planned_and_finished"}:
                run.decide("discarded")
        for thread in self.threads:
            thread.join(STEP_SECONDS)


def wait_for_status(run: Callable[[], Run | None], status: str, *, timeout_seconds: float = 60) -> Run:
    """Waits until there is a run in a state; returns it."""
    deadline = time.monotonic() + timeout_seconds
    while True:
        found = run()
        if found is not None and found.status == status:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"no run is {status}: {found and found.statuses}")
        time.sleep(0.02)
