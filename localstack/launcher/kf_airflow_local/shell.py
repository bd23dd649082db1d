"""A shell in a container of a service."""

import os
from collections.abc import Sequence

import docker

from kf_airflow_local import host, services
from kf_airflow_local.errors import LauncherError

_SHELL = ("sh", "-c", "if command -v bash > /dev/null; then exec bash; else exec sh; fi")


def command(
    client: docker.DockerClient, service: str, arguments: Sequence[str], *, terminal: bool
) -> list[str]:
    """Return the command that runs a shell, or something else, in the newest container of a service.

    Args:
        client: The engine.
        service: As ``services.containers_of`` has it.
        arguments: What to run; a shell if there are none.
        terminal: Whether somebody sits at a terminal.

    Raises:
        LauncherError: When none of its containers runs.
    """
    running = [one for one in services.containers_of(client, service) if one.status == "running"]
    if not running:
        raise LauncherError(
            f"No container of {service} runs: nox -s logs -- {service} says what became of them."
        )
    options = ["--interactive", "--tty"] if terminal else ["--interactive"]
    return ["docker", "exec", *options, str(running[0].name), *(arguments or _SHELL)]


def open_shell(words: Sequence[str]) -> None:
    """Become a command of the docker command line.

    Raises:
        LauncherError: When it is not there.
    """
    host.require_program("docker", "install Docker's command line (docs.docker.com/engine/install)")
    os.execvp(words[0], list(words))  # noqa: S606 - the user's own shell
