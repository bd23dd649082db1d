"""What AWS charges, and where that was taken from."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from kf_airflow_deploy.errors import DeployError

OLD_DAYS = 180
"""From what age on a price is said to be old."""


@dataclass(frozen=True)
class Price:
    """A price.

    Args:
        name: Its name in the table.
        amount: What one unit costs.
        page: Where AWS publishes it.
        taken: When it was written into the table.
        from_memory: Whether nothing was read for it.
    """

    name: str
    amount: float
    page: str
    taken: datetime.date
    from_memory: bool


@dataclass(frozen=True)
class Prices:
    """The prices of one region.

    Args:
        region: Which.
        currency: In which.
        table: The prices by name.
    """

    region: str
    currency: str
    table: Mapping[str, Price]

    def of(self, name: str, *, item: str) -> Price:
        """Returns a price.

        Args:
            name: Its name in the table.
            item: What it is wanted for.

        Raises:
            DeployError: if the table does not have it.
        """
        found = self.table.get(name)
        if found is None:
            kind = name.rsplit(".", 2)[0]
            like = sorted(each for each in self.table if each.split(".")[:2] == name.split(".")[:2])
            hint = f"; of that kind it has {', '.join(like)}" if like else ""
            raise DeployError(
                f"The table has no price {name!r} for {item} ({kind}){hint}. Add it, with where it is from, "
                "to kf_airflow_deploy/costs/prices.toml, or give a table that has it by --prices."
            )
        return found

    @property
    def oldest(self) -> datetime.date:
        """When the oldest of them was taken."""
        return min(price.taken for price in self.table.values())


def read_prices(path: Path | None = None) -> Prices:
    """Returns a table of prices.

    Args:
        path: A file made like our own `prices.toml`. That if left out.

    Raises:
        DeployError: if the file is no such table.
    """
    try:
        if path is None:
            text = files(__package__).joinpath("prices.toml").read_text(encoding="utf-8")
        else:
            text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise DeployError(f"The prices in {path} cannot be read: {error}") from error
    try:
        table = {price.name: price for group in document["group"] for price in _prices(group)}
        return Prices(str(document["region"]), str(document["currency"]), table)
    except KeyError as error:
        raise DeployError(
            f"The table of prices has no {error}: it needs region and currency, and in each group page, "
            "taken, memory and prices."
        ) from error


def _prices(group: Mapping[str, Any]) -> list[Price]:
    found = []
    for name, amount in group["prices"].items():
        if isinstance(amount, bool) or not isinstance(amount, int | float) or amount <= 0:
            raise DeployError(f"The price {name} is {amount!r}: allowed are numbers over 0.")
        found.append(Price(name, float(amount), group["page"], group["taken"], bool(group["memory"])))
    return found
