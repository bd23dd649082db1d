"""What quantities cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from kf_airflow_deploy.costs.amounts import HOURS, Amounts, total
from kf_airflow_deploy.costs.counting import quantities
from kf_airflow_deploy.costs.prices import Price, Prices
from kf_airflow_deploy.costs.quantity import Quantity
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import Usage
from kf_airflow_deploy.errors import DeployError

_MWAA_DATABASE_GB = 10
_MWAA_CLASSES = ("small", "medium", "large")


@dataclass(frozen=True)
class Line:
    """A quantity and what it costs a month.

    Args:
        quantity: What is paid for.
        price: What one of it costs.
    """

    quantity: Quantity
    price: Price

    @property
    def cost(self) -> Amounts:
        """What it costs."""
        return self.quantity.amounts * self.price.amount


@dataclass(frozen=True)
class Floor:
    """What MWAA costs at least.

    Args:
        name: The class of its environment.
        cost: The environment with the worker it has, and its database.
        worker: What one worker more costs, all month.
    """

    name: str
    cost: float
    worker: float


@dataclass(frozen=True)
class Estimate:
    """What a stack costs a month.

    Args:
        prices: By which prices.
        lines: What it is made of.
        floors: What MWAA costs beside it.
    """

    prices: Prices
    lines: tuple[Line, ...]
    floors: tuple[Floor, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts there are, in their order."""
        return tuple(dict.fromkeys(line.quantity.part for line in self.lines))

    def of_part(self, part: str) -> tuple[Line, ...]:
        """Returns the lines of a part."""
        return tuple(line for line in self.lines if line.quantity.part == part)

    @property
    def cost(self) -> Amounts:
        """What all of it costs."""
        return total(line.cost for line in self.lines)

    @property
    def from_memory(self) -> Amounts:
        """What of that goes by prices that nothing was read for."""
        return total(line.cost for line in self.lines if line.price.from_memory)

    def document(self) -> dict[str, Any]:
        """Returns it for programs."""
        return {
            "region": self.prices.region,
            "currency": self.prices.currency,
            "prices_taken": self.prices.oldest.isoformat(),
            "month": _amounts(self.cost),
            "parts": {
                part: {
                    "month": _amounts(total(line.cost for line in self.of_part(part))),
                    "lines": [_line(line) for line in self.of_part(part)],
                }
                for part in self.parts
            },
            "mwaa": {
                floor.name: {"month": round(floor.cost, 2), "worker": round(floor.worker, 2)}
                for floor in self.floors
            },
        }


def estimate(stack: StackResources, usage: Usage, prices: Prices) -> Estimate:
    """Returns what a stack costs.

    Args:
        stack: The stack.
        usage: How much it is used.
        prices: The prices of its region.

    Raises:
        DeployError: if the prices are another region's, or one is missing.
    """
    if stack.region and stack.region != prices.region:
        raise DeployError(
            f"The prices are those of {prices.region}, and the stack is in {stack.region}: give that "
            "region's by --prices FILE."
        )
    return Estimate(prices, tuple(_lines(quantities(stack, usage), prices)), mwaa(prices))


def mwaa(prices: Prices) -> tuple[Floor, ...]:
    """Returns what MWAA's environments cost at least."""

    def hourly(name: str) -> float:
        return prices.of(name, item="MWAA").amount * HOURS

    database = prices.of("mwaa.database.gb-month", item="MWAA").amount * _MWAA_DATABASE_GB
    return tuple(
        Floor(
            f"mw1.{name}",
            hourly(f"mwaa.{name}.environment.hour") + database,
            hourly(f"mwaa.{name}.worker.hour"),
        )
        for name in _MWAA_CLASSES
    )


def _lines(found: Iterable[Quantity], prices: Prices) -> Iterable[Line]:
    for quantity in found:
        # Also where there is nothing of it: a table that lacks a price is told before there is something.
        yield Line(quantity, prices.of(quantity.price, item=quantity.item))


def _line(line: Line) -> dict[str, Any]:
    return {
        "item": line.quantity.item,
        "amount": _amounts(line.quantity.amounts, digits=3),
        "price": line.price.name,
        "unit_cost": line.price.amount,
        "page": line.price.page,
        "taken": line.price.taken.isoformat(),
        "from_memory": line.price.from_memory,
        "month": _amounts(line.cost),
        "options": list(line.quantity.options),
    }


def _amounts(amounts: Amounts, *, digits: int = 2) -> dict[str, float]:
    return {
        "least": round(amounts.least, digits),
        "typical": round(amounts.typical, digits),
        "most": round(amounts.most, digits),
    }
