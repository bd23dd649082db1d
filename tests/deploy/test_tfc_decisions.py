"""Whether a planned run is applied: who is asked, what has to be allowed, what an interrupt does."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from tfc_runs import Run, wait_for_status
from tfc_server import TfcServer
from tiny_project import TinyProject

from kf_airflow_deploy.command_line import main
from kf_airflow_deploy.plan_changes import KEEPERS


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody at the terminal, who answers what is in the list."""
    answers: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda *_: answers.pop(0))
    return answers


@pytest.mark.parametrize(("answer", "code", "status"), [("y", 0, "applied"), ("n", 3, "discarded")])
def test_who_is_there_is_asked(
    project: TinyProject, server: TfcServer, somebody: list[str], answer: str, code: int, status: str
) -> None:
    somebody.append(answer)

    assert main(["tfc", "apply"]) == code
    assert server.last_run
    assert server.last_run.status == status


def test_who_leaves_without_an_answer_has_not_said_yes(
    project: TinyProject, server: TfcServer, somebody: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def leave(*_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", leave)

    assert main(["tfc", "apply"]) == 3
    assert server.last_run
    assert server.last_run.status == "discarded"


@pytest.fixture
def keeper(project: TinyProject, server: TfcServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyProject]:
    """A deployed resource that counts as one that keeps data, and which the next plan replaces."""
    monkeypatch.setattr("kf_airflow_deploy.plan_changes.KEEPERS", KEEPERS | {"terraform_data"})
    project.stack(words={"triggers_replace": "one"})
    assert main(["tfc", "apply", "--auto-approve"]) == 0
    project.stack(words={"triggers_replace": "two"})
    return project


def test_what_keeps_data_is_not_replaced_by_the_way(
    keeper: TinyProject, server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["tfc", "apply", "--auto-approve"]) == 3

    assert capfd.readouterr().err == (
        "The run was discarded: the plan takes away what keeps data; if that is meant, say so by "
        "--allow-destroy terraform_data.words.\n"
    )
    assert server.last_run
    assert server.last_run.status == "discarded"


def test_what_keeps_data_may_be_replaced_by_its_name(keeper: TinyProject) -> None:
    assert main(["tfc", "apply", "--auto-approve", "--allow-destroy", "terraform_data.words"]) == 0


def test_what_cannot_be_read_is_not_destroyed(
    keeper: TinyProject, server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.json_output_allowed = False

    assert main(["tfc", "apply", "--auto-approve", "--allow-destroy", "terraform_data.words"]) == 3
    assert "the plan destroys 1 resources, and the token may not read which" in capfd.readouterr().err


def test_a_run_that_waits_too_long_for_its_turn_is_given_up(
    project: TinyProject, server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.workspaces["etl-dev"].gates["pending"] = threading.Event()

    assert main(["tfc", "apply", "--auto-approve", "--queue-minutes", "0.001"]) == 3
    assert "has been pending for 0.001 minutes" in capfd.readouterr().err
    assert server.last_run
    assert server.last_run.status == "discarded"


def test_a_run_that_somebody_else_cancels_ends_with_3(
    project: TinyProject, server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.workspaces["etl-dev"].gates["planning"] = threading.Event()

    def cancel() -> None:
        wait_for_status(lambda: server.last_run, "planning").decide("canceled")

    thread = threading.Thread(target=cancel)
    thread.start()
    assert main(["tfc", "apply", "--auto-approve"]) == 3
    thread.join()
    assert "The run is canceled." in capfd.readouterr().out


def test_a_run_that_cannot_be_watched_any_more_is_named(
    project: TinyProject, server: TfcServer, capfd: pytest.CaptureFixture[str]
) -> None:
    server.broken["/api/v2/plans/plan-run-1"] = (500, "")

    assert main(["tfc", "plan"]) == 1
    assert capfd.readouterr().err.strip().endswith("/app/kf-strides/workspaces/etl-dev/runs/run-1")


@pytest.fixture
def background(project: TinyProject, server: TfcServer) -> Iterator[subprocess.Popen[str]]:
    """An apply in a process of its own, as nox starts it."""
    command = [sys.executable, "-m", "kf_airflow_deploy", "tfc", "apply", "--auto-approve"]
    process = subprocess.Popen(
        command,
        cwd=project.root,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def interrupted(
    server: TfcServer, process: subprocess.Popen[str], *, status: str, by: int = signal.SIGINT
) -> tuple[str, Run]:
    """Interrupts what runs once its run is in a state; returns what it said, and the run."""
    run = wait_for_status(lambda: server.last_run, status)
    process.send_signal(by)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    return output, run


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_plan_is_cancelled(
    server: TfcServer, background: subprocess.Popen[str], by: int
) -> None:
    server.workspaces["etl-dev"].gates["planning"] = threading.Event()

    said, run = interrupted(server, background, status="planning", by=by)

    assert f"The run {run.id} was cancelled." in said
    assert run.status == "canceled"


def test_an_interrupted_apply_goes_on_and_says_where(
    server: TfcServer, background: subprocess.Popen[str]
) -> None:
    server.workspaces["etl-dev"].gates["applying"] = threading.Event()

    said, run = interrupted(server, background, status="applying")

    assert f"The run goes on, for to stop it now may leave things half done: {server.url}/app/" in said
    assert run.decision == "applied"
    server.workspaces["etl-dev"].gates["applying"].set()
    wait_for_status(lambda: server.last_run, "applied")
