"""How much there is of something: at least, typically, at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

HOURS = 730.0
"""Hours of a month, as AWS's own calculator counts them."""


@dataclass(frozen=True)
class Amounts:
    """Three amounts of one thing.

    Args:
        least: When nothing is going on.
        typical: As the settings begin.
        most: As far as the settings let it grow.
    """

    least: float
    typical: float
    most: float

    @classmethod
    def of(cls, amount: float) -> Amounts:
        """Returns the same amount, whatever is going on."""
        return cls(amount, amount, amount)

    def map(self, change: Callable[[float], float]) -> Amounts:
        """Returns what becomes of each."""
        return Amounts(change(self.least), change(self.typical), change(self.most))

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(self.least + other.least, self.typical + other.typical, self.most + other.most)

    def __mul__(self, other: Amounts | float) -> Amounts:
        by = other if isinstance(other, Amounts) else Amounts.of(other)
        return Amounts(self.least * by.least, self.typical * by.typical, self.most * by.most)

    def __bool__(self) -> bool:
        return any((self.least, self.typical, self.most))


NOTHING = Amounts.of(0)


def total(amounts: Iterable[Amounts]) -> Amounts:
    """Returns the sum; nothing if there are none."""
    return sum(amounts, NOTHING)
