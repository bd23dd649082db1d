"""The commands: one module each, which adds its arguments to the parser and is run by them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeAlias

from kf_airflow_deploy import cost, drift, publish, release, released, tfc
from kf_airflow_deploy.errors import DeployError


class CommandParser(argparse.ArgumentParser):
    """The parser of a command.

    Attributes:
        bad_input_code: Exit code of arguments that are none.
    """

    bad_input_code = 2

    def error(self, message: str) -> NoReturn:
        """Ends with the usage and a message."""
        self.print_usage(sys.stderr)
        self.exit(self.bad_input_code, f"{self.prog}: {message}\n")


Subparsers: TypeAlias = "argparse._SubParsersAction[CommandParser]"  # noqa: SLF001 (it has no other name)

COMMANDS: tuple[Callable[[Subparsers], None], ...] = (
    cost.add_to,
    drift.add_to,
    publish.add_to,
    release.add_to,
    released.add_to,
    tfc.add_to,
)
"""`add_to` of each command's module. It sets `run`, which takes the arguments and returns the exit code."""

INTERRUPTED = 130
"""Exit code of what Ctrl-C ended, as shells have it."""


def parser(commands: Sequence[Callable[[Subparsers], None]] = COMMANDS) -> CommandParser:
    """Returns the parser of all commands.

    Args:
        commands: Their `add_to`. All there are if left out.
    """
    every = CommandParser(prog="kf_airflow_deploy", description="Deploys Airflow to AWS.", allow_abbrev=False)
    subparsers = every.add_subparsers(metavar="command", required=True)
    for add_to in commands:
        add_to(subparsers)
    for command in subparsers.choices.values():
        command.set_defaults(parser=command)
    return every


def main(
    arguments: Sequence[str] | None = None, *, commands: Sequence[Callable[[Subparsers], None]] = COMMANDS
) -> int:
    """Runs a command; what goes wrong is told in a sentence.

    Args:
        arguments: The command and its arguments. Those of the process if left out.
        commands: Their `add_to`. All there are if left out.

    Returns:
        The exit code: the command's own, 2 for arguments that are none, 130 when it was interrupted.
    """
    try:
        chosen, unknown = parser(commands).parse_known_args(arguments)
        if unknown:
            # Not by the parser of all commands, which does not know the command's own exit code.
            chosen.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
        return int(chosen.run(chosen))
    except DeployError as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
