"""How the cost of an environment is estimated, and printed."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from kf_airflow_deploy.costs.cost_table import print_estimate
from kf_airflow_deploy.costs.estimate import estimate
from kf_airflow_deploy.costs.prices import read_prices
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import read_usage
from kf_airflow_deploy.synthesis import app_for, settings_of, synthesize

_PAGE = 120
"""Characters of a line where no terminal says how many it has."""


@dataclass
class CostCommand:
    """One call of `cost`.

    Args:
        arguments: The arguments.
        root: The folder of the project.
        console: Where it prints.
    """

    arguments: argparse.Namespace
    root: Path = field(default_factory=Path.cwd)
    console: Console = field(default_factory=lambda: Console(width=None if sys.stdout.isatty() else _PAGE))

    def run(self) -> int:
        """Estimates; returns the exit code.

        Raises:
            DeployError: if that cannot be done.
        """
        environment = self.arguments.environment
        usage, prices = read_usage(self.arguments.usage), read_prices(self.arguments.prices)
        settings_of(environment, root=self.root)  # told one by one, before anything runs
        stack = synthesize(
            environment,
            root=self.root,
            app=app_for(environment, root=self.root, app=self.arguments.app),
            output=self.root / "build" / "cost" / environment,
            stack=self.arguments.stack,
        )
        found = estimate(StackResources(stack.document), usage, prices)
        if self.arguments.json:
            self.console.file.write(json.dumps(found.document(), indent=2) + "\n")
        else:
            today = datetime.datetime.now(tz=datetime.UTC).date()
            print_estimate(found, self.console, environment=environment, today=today)
        return 0
