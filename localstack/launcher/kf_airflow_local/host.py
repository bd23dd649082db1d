"""What this machine is and has."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import psutil

from kf_airflow_local.errors import LauncherError

OS_RELEASE = Path("/etc/os-release")


def may_install() -> bool:
    """Tell whether packages may be installed here: as root, where apt-get is."""
    return os.name == "posix" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def distribution() -> str:
    """Return the id of the Linux distribution (``debian``, ``ubuntu``), or an empty text elsewhere."""
    if not OS_RELEASE.is_file():
        return ""
    for line in OS_RELEASE.read_text().splitlines():
        if line.startswith("ID="):
            return line.removeprefix("ID=").strip("\"'")
    return ""


def install(*packages: str) -> None:
    """Install packages of the distribution.

    Args:
        packages: Names of packages.

    Raises:
        LauncherError: When apt-get fails, with its last words.
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # An index that is old still names what is there to install, so a failing update is not the end.
    subprocess.run(["apt-get", "update", "-qq"], env=environment, capture_output=True, check=False)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise LauncherError(
            f"apt-get could not install {' '.join(packages)} ({' '.join(last)}): "
            "install it by hand and try again."
        )


def require_program(name: str, hint: str) -> None:
    """Make sure that a program is on the PATH.

    Args:
        name: The program.
        hint: What to do when it is not there.

    Raises:
        LauncherError: When it is not there.
    """
    if shutil.which(name) is None:
        raise LauncherError(f"The program {name} is not on the PATH: {hint}.")


def require_free_port(port: int, remedy: str) -> None:
    """Make sure that a port of 127.0.0.1 can be listened on.

    Args:
        port: The port.
        remedy: How to make do with another one.

    Raises:
        LauncherError: When something listens on it, naming the process where that can be seen.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise LauncherError(
                f"Port {port} of 127.0.0.1 is taken by {listener(port)}: stop it, or {remedy}."
            ) from None


def listener(port: int) -> str:
    """Name the process that listens on a port, as far as this user may see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr
            if listens and listens.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return "a process of another user"
    return "another process"


def require_free_space(path: Path, gibibytes: float, purpose: str) -> None:
    """Make sure that there is room on the disk.

    Args:
        path: A place on that disk; where it does not exist, nothing is checked (an engine in a virtual
            machine).
        gibibytes: Room that is needed, in GiB.
        purpose: What for.

    Raises:
        LauncherError: When there is less.
    """
    if not path.exists():
        return
    free = shutil.disk_usage(path).free / 2**30
    if free < gibibytes:
        raise LauncherError(
            f"{purpose} needs {gibibytes:g} GiB on the disk of {path}, which has {free:.1f} GiB left: "
            "make room there (docker system prune removes what Docker no longer uses)."
        )


def forget_ended(file: Path, name: str) -> None:
    """Remove the file of a process id, unless that process still is the one meant.

    Args:
        file: Holds the id. It need not exist.
        name: The program's name: process ids are used again.
    """
    try:
        process = psutil.Process(int(file.read_text()))
        if process.name() != name or process.status() == psutil.STATUS_ZOMBIE:
            file.unlink()
    except FileNotFoundError:
        return
    except (ValueError, psutil.NoSuchProcess):
        file.unlink(missing_ok=True)


def terminate(identifier: int, name: str, *, timeout_seconds: float = 60) -> bool:
    """End a process that was started here, if it still is the one meant.

    Args:
        identifier: Its process id.
        name: Its program's name: process ids are used again.
        timeout_seconds: How long it may take to end before it is killed, in seconds.

    Returns:
        Whether it was there.
    """
    try:
        process = psutil.Process(identifier)
        if process.name() != name:
            return False
        process.terminate()
        try:
            process.wait(timeout_seconds)
        except psutil.TimeoutExpired:
            process.kill()
    except psutil.NoSuchProcess:
        return False
    return True
