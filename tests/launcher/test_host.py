"""What the launcher asks of the machine, and what it says when it does not get it."""

import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kf_airflow_local import host
from kf_airflow_local.errors import LauncherError


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port: int = listener.getsockname()[1]
        yield port


def test_a_free_port_is_fine(taken: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]

    host.require_free_port(free, "use another")


def test_a_taken_port_is_named_with_its_process_and_the_remedy(taken: int) -> None:
    with pytest.raises(LauncherError, match=rf"Port {taken} .*process {os.getpid()}\).*, or use another"):
        host.require_free_port(taken, "use another")


def test_too_little_disk_space_is_told_in_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 2**30))

    with pytest.raises(LauncherError, match=r"Building needs 4 GiB .* which has 1\.0 GiB left"):
        host.require_free_space(tmp_path, 4, "Building")


def test_a_disk_in_a_virtual_machine_is_not_looked_at(tmp_path: Path) -> None:
    host.require_free_space(tmp_path / "elsewhere", 10**9, "Building")


def test_a_missing_program_is_named_with_the_hint() -> None:
    with pytest.raises(LauncherError, match="no-such-program is not on the PATH: install it"):
        host.require_program("no-such-program", "install it")


def test_the_distribution_is_read_from_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    release = tmp_path / "os-release"
    release.write_text('NAME="Debian GNU/Linux"\nID=debian\n')
    monkeypatch.setattr(host, "OS_RELEASE", release)

    assert host.distribution() == "debian"


def test_elsewhere_there_is_no_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "OS_RELEASE", tmp_path / "gone")

    assert host.distribution() == ""


def test_a_failing_installation_says_what_apt_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def apt(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 100, "", "E: Unable to locate package nothing")

    monkeypatch.setattr(subprocess, "run", apt)

    with pytest.raises(LauncherError, match=r"nothing \(E: Unable to locate package nothing\)"):
        host.install("nothing")


def test_a_process_that_was_started_here_is_ended() -> None:
    program = [sys.executable, "-c", "input()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE) as process:
        name = psutil.Process(process.pid).name()

        assert host.terminate(process.pid, name)
        assert not psutil.pid_exists(process.pid)


def test_a_process_id_that_was_used_again_is_left_alone() -> None:
    assert host.terminate(os.getpid(), "dockerd") is False


@pytest.mark.parametrize("content", ["", "nonsense", str(2**22 + 1), "{own}"])
def test_the_process_id_of_what_ended_is_forgotten(tmp_path: Path, content: str) -> None:
    file = tmp_path / "dockerd.pid"
    file.write_text(content.format(own=os.getpid()))

    host.forget_ended(file, "dockerd")

    assert not file.exists()


def test_the_process_id_of_what_runs_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "engine.pid"
    file.write_text(str(os.getpid()))

    host.forget_ended(file, psutil.Process().name())

    assert file.exists()


def test_a_process_that_left_no_id_is_nothing_to_forget(tmp_path: Path) -> None:
    host.forget_ended(tmp_path / "none.pid", "dockerd")
