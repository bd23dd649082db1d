"""The container engine: found, or started where that is allowed."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import docker
from docker.errors import DockerException

from kf_airflow_local import host
from kf_airflow_local.errors import LauncherError

START_SECONDS = 60
PID_FILES = {
    "dockerd": Path("/var/run/docker.pid"),
    "containerd": Path("/var/run/docker/containerd/containerd.pid"),
}
"""Where an engine keeps its process ids. One that was killed leaves them behind, and the next one does not
start where another process has been given such a number since."""
INSTALL_HINT = "install Docker (docs.docker.com/engine/install), start it and try again"

_started: list[subprocess.Popen[bytes]] = []
"""Kept, because Python warns of a process that goes on when nothing refers to it any more."""


def client() -> docker.DockerClient:
    """Return a client of the engine that answers here.

    Raises:
        LauncherError: When none answers.
    """
    reached = reach()
    if reached is None:
        raise LauncherError(f"No container engine answers at {address()}: run nox -s up, or {INSTALL_HINT}.")
    return reached


def reach() -> docker.DockerClient | None:
    """Return a client of the engine, or None where none answers."""
    try:
        found = docker.DockerClient(base_url=address(), version="auto", timeout=600)
        found.ping()
    except DockerException:
        return None
    return found


def address() -> str:
    """Return the engine's address: DOCKER_HOST's, the current Docker context's, or the usual socket."""
    if configured := os.environ.get("DOCKER_HOST"):
        return configured
    usual = "unix:///var/run/docker.sock"
    if Path("/var/run/docker.sock").exists() or shutil.which("docker") is None:
        return usual
    command = ["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else usual


def ensure(directory: Path) -> tuple[docker.DockerClient, str]:
    """Make sure that an engine runs; as root on Debian or Ubuntu it is installed and started.

    The engine that is started here goes on when the launcher ends, and after ``down``: it holds the images,
    which make the next ``up`` quick. Its process id and log are in the directory.

    Args:
        directory: Where the log and the process id of an engine started here belong.

    Returns:
        A client, and what was done in a few words.

    Raises:
        LauncherError: When no engine answers and none can be started.
    """
    if found := reach():
        return found, f"engine {found.version()['Version']} answers"
    if os.environ.get("DOCKER_HOST"):
        raise LauncherError(
            f"No container engine answers at {address()}, where DOCKER_HOST points: "
            "start it, or unset DOCKER_HOST."
        )
    socket = Path(address().removeprefix("unix://"))
    if socket.is_socket() and not os.access(socket, os.W_OK):
        raise LauncherError(
            f"This user may not use the container engine at {address()}: add it to the group of that file "
            "(docker), log in again and try again, or run as root."
        )
    if not host.may_install() or host.distribution() not in {"debian", "ubuntu"}:
        raise LauncherError(
            f"No container engine answers at {address()}, and only root on Debian or Ubuntu may have one "
            f"installed and started: {INSTALL_HINT}."
        )
    if shutil.which("dockerd") is None or shutil.which("iptables") is None:
        host.install("docker.io", "iptables")
    started = start(directory)
    return started, f"engine {started.version()['Version']} started; it stays when the system goes"


def start(directory: Path) -> docker.DockerClient:
    """Start dockerd in the background and wait until it answers.

    Args:
        directory: Where its log and process id belong.

    Raises:
        LauncherError: When it ends or does not answer in time, with its last words.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, file in PID_FILES.items():
        host.forget_ended(file, name)
    log = directory / "dockerd.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    _started.append(process)
    (directory / "dockerd.pid").write_text(str(process.pid))
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if found := reach():
            return found
        time.sleep(0.5)
    ended = process.poll() is not None
    if not ended:
        process.terminate()
        process.wait(START_SECONDS)
    (directory / "dockerd.pid").unlink()
    why = f"ended with code {process.returncode}" if ended else f"did not answer within {START_SECONDS} s"
    last = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
    raise LauncherError(f"The container engine {why} ({last}): see {log}.")


def stop(directory: Path) -> str:
    """Stop the engine that ``up`` started here, if it did.

    Args:
        directory: Where its process id was kept.

    Returns:
        What was done, in a few words.
    """
    record = directory / "dockerd.pid"
    if not record.is_file():
        return "left running: it was not started by nox -s up"
    identifier = int(record.read_text())
    record.unlink()
    return "stopped" if host.terminate(identifier, "dockerd") else "did not run any more"
