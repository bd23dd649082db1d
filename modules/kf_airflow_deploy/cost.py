"""Estimates what an environment costs a month.

It goes by the synthesized stack and a table of prices, and asks AWS nothing.

Exit codes:
  0    estimated
  2    bad input: settings that cannot be used, a price that is missing, a resource nobody knows the price of
  130  interrupted
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kf_airflow_deploy.tfc import add_synthesis_options

if TYPE_CHECKING:
    from kf_airflow_deploy.command_line import Subparsers


def add_to(subparsers: Subparsers) -> None:
    """Adds the command `cost`."""
    parser = subparsers.add_parser(
        "cost",
        help="estimate what an environment costs a month",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_synthesis_options(parser, short="--env")
    parser.add_argument(
        "--usage", type=Path, metavar="FILE", help="how much is used: what differs from usage.toml"
    )
    parser.add_argument("--prices", type=Path, metavar="FILE", help="another table than prices.toml")
    parser.add_argument("--json", action="store_true", help="for programs, with the page of each price")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Estimates; returns the exit code.

    Raises:
        DeployError: with a sentence for what goes wrong.
    """
    # Only now: what it needs takes a second to load, and other commands do not need it.
    from kf_airflow_deploy.cost_command import CostCommand

    return CostCommand(arguments).run()
