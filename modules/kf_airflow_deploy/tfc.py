"""Runs the synthesized stack in a workspace of Terraform Cloud or Enterprise.

Exit codes:
  0    planned, applied, or nothing to change
  1    the run failed, or what was started cannot be watched any more
  2    bad input: nothing was started
  3    the run was discarded or cancelled
  4    with --detailed-exitcode, a plan that changes something
  130  interrupted
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kf_airflow_deploy.command_line import Subparsers


def add_to(subparsers: Subparsers) -> None:
    """Adds the command `tfc`."""
    parser = subparsers.add_parser(
        "tfc",
        help="run the stack in Terraform Cloud",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("action", choices=["plan", "apply"], help="plan alone, or apply what was planned too")
    _add_place(parser)
    add_synthesis_options(parser)
    add_report_option(parser)
    _add_variables(parser)
    _add_run(parser)
    parser.set_defaults(run=run)


def add_synthesis_options(
    parser: argparse.ArgumentParser, *, environment: str | None = None, short: str | None = None
) -> None:
    """Adds what says which stack is meant.

    Args:
        parser: The command's parser.
        environment: The environment that is meant by default. `KF_AIRFLOW_ENVIRONMENT`, or dev, if left out.
        short: Another name of `--environment`. None if left out: `--env` of `tfc` is something else.
    """
    default = environment or os.environ.get("KF_AIRFLOW_ENVIRONMENT") or "dev"
    parser.add_argument(
        *filter(None, ("--environment", short)),
        default=default,
        help="whose settings: config/<environment>.toml (%(default)s)",
    )
    parser.add_argument("--app", help="the command that synthesizes (that of cdktf.json)")
    parser.add_argument("--stack", help="which stack, where the app has more than one")


def add_report_option(parser: argparse.ArgumentParser) -> None:
    """Adds what names the file that a pipeline makes a comment of."""
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="a Markdown file that gets what is said here"
    )


def _add_place(parser: argparse.ArgumentParser) -> None:
    place = parser.add_argument_group("where it runs (the settings' [state] if left out)")
    place.add_argument("--workspace", help="the workspace")
    place.add_argument("--organization", help="its organization")
    place.add_argument("--hostname", help="the host, such as app.terraform.io")


def _add_variables(parser: argparse.ArgumentParser) -> None:
    variables = parser.add_argument_group(
        "variables of the workspace",
        "Without a value, that of the same name in the environment is taken and is sensitive.",
    )
    for option, what in (("--var", "an input variable"), ("--env", "a variable of the environment")):
        variables.add_argument(option, action="append", default=[], metavar="NAME[=VALUE]", help=what)
    variables.add_argument(
        "--sensitive", action="append", default=[], metavar="NAME", help="one that nobody may read again"
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    run_ = parser.add_argument_group("the run")
    run_.add_argument("--message", help="what it is called")
    run_.add_argument("--auto-approve", action="store_true", help="apply without asking")
    run_.add_argument(
        "--allow-destroy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="a database, bucket, broker, key or secret that may be destroyed or replaced",
    )
    run_.add_argument(
        "--detailed-exitcode", action="store_true", help="end a plan that changes something with 4"
    )
    run_.add_argument(
        "--queue-minutes",
        type=float,
        default=30.0,
        help="how long it may wait for its turn before it is cancelled (%(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Plans or applies; returns the exit code.

    Raises:
        DeployError: with a sentence for what goes wrong.
    """
    # Only now: pytfe takes a second to load, and other commands do not need it.
    from kf_airflow_deploy import report
    from kf_airflow_deploy.tfc_command import TfcCommand

    title = {"plan": "Plan of", "apply": "Deployment to"}[arguments.action]
    with report.reported(arguments.report, f"{title} {arguments.environment}") as display:
        command = TfcCommand.of(arguments)
        command.display = display
        return command.run()
