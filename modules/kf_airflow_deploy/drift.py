"""Compares what is deployed with what the settings of an environment describe; changes nothing.

Exit codes:
  0    nothing differs
  1    it cannot be said: bad input, a lock held by somebody else, an error of Terraform
  2    something differs
  130  interrupted
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.tfc import add_report_option, add_synthesis_options

if TYPE_CHECKING:
    from kf_airflow_deploy.command_line import Subparsers


def add_to(subparsers: Subparsers) -> None:
    """Adds the command `drift`."""
    parser = subparsers.add_parser(
        "drift",
        help="compare what is deployed with the settings",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # 2 says that something differs.
    parser.bad_input_code = 1
    add_synthesis_options(parser)
    add_report_option(parser)
    parser.add_argument(
        "--lock-seconds",
        type=int,
        default=60,
        help="how long to wait for somebody else's lock on the state (%(default)s)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compares; returns the exit code.

    Raises:
        DeployError: with a sentence for what goes wrong; its exit code is 1.
    """
    # Only now: what it needs takes a second to load, and other commands do not need it.
    from kf_airflow_deploy import report
    from kf_airflow_deploy.drift_command import DriftCommand

    try:
        with report.reported(arguments.report, f"Drift of {arguments.environment}") as display:
            return DriftCommand(arguments, display=display).run()
    except DeployError as error:
        raise DeployError(str(error), code=1) from error
