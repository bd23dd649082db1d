"""The commands: one module each, which adds its arguments to the parser and is run by them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from kf_airflow_deploy import publish, release, released, tfc
from kf_airflow_deploy.errors import DeployError

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 (it has no other name)

COMMANDS: tuple[Callable[[Subparsers], None], ...] = (
    publish.add_to,
    release.add_to,
    released.add_to,
    tfc.add_to,
)
"""`add_to` of each command's module. It sets `run`, which takes the arguments and returns the exit code."""

INTERRUPTED = 130
"""Exit code of what Ctrl-C ended, as shells have it."""


def parser(commands: Sequence[Callable[[Subparsers], None]] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of all commands.

    Args:
        commands: Their `add_to`. All there are if left out.
    """
    every = argparse.ArgumentParser(
        prog="kf_airflow_deploy", description="Deploys Airflow to AWS.", allow_abbrev=False
    )
    subparsers = every.add_subparsers(metavar="command", required=True)
    for add_to in commands:
        add_to(subparsers)
    return every


def main(
    arguments: Sequence[str] | None = None, *, commands: Sequence[Callable[[Subparsers], None]] = COMMANDS
) -> int:
    """Run a command; what goes wrong is told in a sentence.

    Args:
        arguments: The command and its arguments. Those of the process if left out.
        commands: Their `add_to`. All there are if left out.

    Returns:
        The exit code: the command's own, 2 for arguments that are none, 130 when it was interrupted.
    """
    try:
        chosen = parser(commands).parse_args(arguments)
        return int(chosen.run(chosen))
    except DeployError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
