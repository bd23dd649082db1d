"""By how much a step scaling policy changes the number of tasks, by how many are missing or too many."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

# Of a policy. https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html
MOST_STEPS = 20
# How far up each number of tasks has a step of its own, where there are more numbers than steps.
_EXACT = 10


@dataclass(frozen=True)
class Step:
    """A step adjustment.

    Args:
        lower: From which difference between metric and threshold it counts; None for any below `upper`.
        upper: Up to which; None for any above `lower`.
        adjustment: How many tasks are added; negative for how many are taken away.
    """

    lower: int | None
    upper: int | None
    adjustment: int


def steps_out(most: int) -> tuple[Step, ...]:
    """Returns the steps for a metric that is 1 and more, the threshold being 1.

    As many are added as are missing, up to ten, or twenty where that is all; above, never more.

    Args:
        most: How many tasks there may be.
    """
    bounds = _numbers(most)
    steps = [Step(number - 1, following - 1, number) for number, following in pairwise(bounds)]
    return (*steps, Step(bounds[-1] - 1, None, bounds[-1]))


def steps_in(most: int) -> tuple[Step, ...]:
    """Returns the steps for a metric that is -1 and less, the threshold being -1: those of `steps_out`.

    Args:
        most: How many tasks there may be.
    """
    # The ends change places: what is too much is the smaller number, and its end belongs to the step then.
    return tuple(
        Step(None if step.upper is None else -step.upper, -(step.lower or 0), -step.adjustment)
        for step in steps_out(most)
    )


def _numbers(most: int) -> list[int]:
    """Returns the numbers with a step of their own: at first each, then growing by the same factor."""
    if most <= MOST_STEPS:
        return list(range(1, max(most, 1) + 1))
    left = MOST_STEPS - _EXACT
    factor = (most / _EXACT) ** (1 / left)
    coarse = {round(_EXACT * factor**power) for power in range(1, left + 1)}
    return sorted({*range(1, _EXACT + 1), *coarse})
