"""An estimate as people read it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kf_airflow_deploy.costs.amounts import Amounts, total
from kf_airflow_deploy.costs.estimate import Estimate
from kf_airflow_deploy.costs.prices import OLD_DAYS

# Below it a line is beside the point, and the part's sum has it.
_WORTH_SAYING = 0.005


def print_estimate(estimate: Estimate, console: Console, *, environment: str, today: datetime.date) -> None:
    """Prints the estimate.

    Args:
        estimate: What it is.
        console: Where to.
        environment: Of which environment.
        today: The day on which it is read.
    """
    console.print(_costs(estimate, environment))
    console.print(_beside(estimate))
    for note in notes(estimate, today=today):
        console.print(note, soft_wrap=True, highlight=False, markup=False)


def notes(estimate: Estimate, *, today: datetime.date) -> Iterator[str]:
    """Yields what has to be known to read it.

    Args:
        estimate: What it is.
        today: The day on which it is read.
    """
    prices = estimate.prices
    yield (
        f"On-demand prices of {prices.region}, written down on {prices.oldest} and not read from AWS's own "
        "pages: check them (nox -s cost -- --json names the page of each)."
    )
    age = (today - prices.oldest).days
    if age > OLD_DAYS:
        yield f"They are {age} days old: bring kf_airflow_deploy/costs/prices.toml up to date (docs/cost.md)."
    if estimate.from_memory:
        yield (
            f"${estimate.from_memory.typical:,.2f} of the typical month go by prices from memory, for which "
            "nothing was found to read."
        )
    yield (
        "least, typical, most: services at min_count, count and max_count, and so much used as "
        "kf_airflow_deploy/costs/usage.toml assumes; --usage FILE has your own."
    )
    yield (
        "Not counted: taxes, support, savings plans, free tiers, traffic to the internet, ECR, and what DAGs "
        "start."
    )


def _costs(estimate: Estimate, environment: str) -> Table:
    table = Table(title=f"{environment}: {estimate.prices.currency} a month", box=box.SIMPLE_HEAD)
    table.add_column("", overflow="fold", min_width=36)
    for name in ("least", "typical", "most"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("changed by", overflow="fold")
    for part in estimate.parts:
        lines = estimate.of_part(part)
        table.add_row(part, *_cells(total(line.cost for line in lines)), "", style="bold")
        # What is the same thing to people may have more than one price, such as vCPUs and memory.
        for item in dict.fromkeys(line.quantity.item for line in lines):
            same = [line for line in lines if line.quantity.item == item]
            cost = total(line.cost for line in same)
            if cost.most >= _WORTH_SAYING:
                table.add_row(Text(f"  {item}"), *_cells(cost), Text("\n".join(same[0].quantity.options)))
    table.add_section()
    table.add_row("All", *_cells(estimate.cost), "", style="bold")
    return table


def _beside(estimate: Estimate) -> Table:
    table = Table(title="Beside it, MWAA at least", box=box.SIMPLE_HEAD)
    table.add_column("environment with one worker, two schedulers, two webservers, 10 GB of database")
    table.add_column("a month", justify="right")
    table.add_column("each worker more", justify="right")
    for floor in estimate.floors:
        table.add_row(floor.name, f"{floor.cost:,.2f}", f"{floor.worker:,.2f}")
    table.caption = "and its own NAT gateways or endpoints, logs, bucket and keys, as above"
    return table


def _cells(cost: Amounts) -> tuple[str, str, str]:
    return f"{cost.least:,.2f}", f"{cost.typical:,.2f}", f"{cost.most:,.2f}"
