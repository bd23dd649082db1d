"""What is paid for."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow_deploy.costs.amounts import Amounts


def several(count: float, noun: str) -> str:
    """Returns a number with a noun, whose first word gets the plural's s where it is not one."""
    first, _, rest = noun.partition(" ")
    return f"{count:g} {first if count == 1 else f'{first}s'}{' ' if rest else ''}{rest}"


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """So much of something that AWS charges for, in a month.

    Args:
        part: The part of the deployment that it belongs to.
        item: What it is.
        price: The price's name in the table.
        amounts: How much, in the price's unit.
        options: The settings that change it. None if left out.
    """

    part: str
    item: str
    price: str
    amounts: Amounts
    options: tuple[str, ...] = ()
