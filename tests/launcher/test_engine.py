"""Whether an engine runs, and what is done when none does."""

import os
import shutil
import socket
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from kf_airflow_local import engine, host
from kf_airflow_local.errors import LauncherError

ANSWERS: Any = SimpleNamespace(version=lambda: {"Version": "28.0"}, ping=lambda: True)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Debian machine, where this user is root and no engine answers."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "reach", lambda: None)
    monkeypatch.setattr(engine, "address", lambda: "unix:///var/run/docker.sock")
    monkeypatch.setattr(host, "may_install", lambda: True)
    monkeypatch.setattr(host, "distribution", lambda: "debian")
    monkeypatch.setattr(host, "install", lambda *_: pytest.fail("nothing is to be installed"))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


def test_one_that_answers_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "reach", lambda: ANSWERS)

    assert engine.ensure(tmp_path) == (ANSWERS, "engine 28.0 answers")


def test_an_address_at_which_none_answers_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere")

    with pytest.raises(LauncherError, match="where DOCKER_HOST points: start it, or unset DOCKER_HOST"):
        engine.ensure(tmp_path)


@pytest.mark.parametrize(("root", "distribution"), [(False, "debian"), (True, "fedora"), (False, "")])
def test_elsewhere_one_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: bool, distribution: str
) -> None:
    monkeypatch.setattr(host, "may_install", lambda: root)
    monkeypatch.setattr(host, "distribution", lambda: distribution)

    with pytest.raises(LauncherError, match=r"install Docker .*, start it and try again"):
        engine.ensure(tmp_path)


def test_a_user_who_may_not_use_the_engine_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "docker.sock"))
        monkeypatch.setattr(engine, "address", lambda: f"unix://{tmp_path}/docker.sock")
        monkeypatch.setattr(os, "access", lambda *_: False)

        with pytest.raises(LauncherError, match="This user may not use the container engine"):
            engine.ensure(tmp_path)


def test_as_root_on_debian_a_missing_one_is_installed_and_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed: list[tuple[str, ...]] = []
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(host, "install", lambda *packages: installed.append(packages))
    monkeypatch.setattr(engine, "start", lambda _: ANSWERS)

    _, outcome = engine.ensure(tmp_path)

    assert installed == [("docker.io", "iptables")]
    assert outcome == "engine 28.0 started; it stays when the system goes"


def test_one_that_is_installed_is_only_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "start", lambda _: ANSWERS)

    assert engine.ensure(tmp_path)[0] is ANSWERS


def dockerd(monkeypatch: pytest.MonkeyPatch, script: str) -> list[subprocess.Popen[bytes]]:
    """Let a shell script be the program dockerd; returns its processes."""
    popen = subprocess.Popen
    processes: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr(engine, "_started", processes)

    def start(_: list[str], **options: Any) -> Any:
        return popen(["/bin/sh", "-c", script], **options)

    monkeypatch.setattr(subprocess, "Popen", start)
    return processes


def test_one_that_does_not_start_is_told_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    dockerd(monkeypatch, "echo starting; echo 'iptables is missing'; exit 1")

    with pytest.raises(LauncherError, match=r"ended with code 1 \(iptables is missing\): see .*dockerd.log"):
        engine.start(tmp_path / "engine")
    assert not (tmp_path / "engine" / "dockerd.pid").exists()


def test_one_that_does_not_answer_in_time_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "START_SECONDS", 0.1)
    dockerd(monkeypatch, "echo waiting; exec sleep 60")

    with pytest.raises(LauncherError, match=r"did not answer within 0\.1 s"):
        engine.start(tmp_path / "engine")


def test_the_process_of_one_that_was_started_is_recorded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    processes = dockerd(monkeypatch, "exec sleep 60")
    monkeypatch.setattr(engine, "reach", lambda: ANSWERS)

    assert engine.start(tmp_path) is ANSWERS

    (process,) = processes
    assert (tmp_path / "dockerd.pid").read_text() == str(process.pid)
    process.kill()
    process.wait()


def test_none_answering_is_told_with_what_to_do() -> None:
    with pytest.raises(LauncherError, match=r"No container engine answers at unix:.*: run nox -s up"):
        engine.client()


class TestAddress:
    """Where the engine is looked for."""

    @pytest.fixture(autouse=True)
    def real(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        monkeypatch.delenv("DOCKER_HOST", raising=False)

    def test_the_environment_decides(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere")

        assert engine.address() == "tcp://elsewhere"

    def test_then_the_current_context(self, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = subprocess.CompletedProcess([], 0, "unix:///home/me/docker.sock\n", "")
        monkeypatch.setattr(Path, "exists", lambda _: False)
        monkeypatch.setattr(shutil, "which", lambda name: name)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)

        assert engine.address() == "unix:///home/me/docker.sock"

    def test_else_it_is_the_usual_socket(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shutil, "which", lambda _: None)

        assert engine.address() == "unix:///var/run/docker.sock"

    def test_an_engine_that_does_not_answer_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(**_: Any) -> Any:
            raise DockerException

        monkeypatch.setattr(docker, "DockerClient", refuse)

        assert engine.reach() is None
