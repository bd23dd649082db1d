"""How much capacity a scaling policy asks for.

https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NOISE = 1e-9
"""What floating point adds: 3 * 10 / 10 must not become 4."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step adjustment.

    Attributes:
        adjustment: What to change capacity by, or to.
        lower: Lower bound of the difference between metric and threshold; None is minus infinity.
        upper: Upper bound; None is infinity.
    """

    adjustment: int
    lower: float | None = None
    upper: float | None = None

    def covers(self, difference: float, *, above: bool) -> bool:
        """Whether the step is for this difference between metric and threshold.

        Args:
            difference: Metric minus threshold.
            above: Whether the alarm is about values above its threshold: the lower bound is inclusive then,
                and the upper bound otherwise.
        """
        lower = -math.inf if self.lower is None else self.lower
        upper = math.inf if self.upper is None else self.upper
        return lower <= difference < upper if above else lower < difference <= upper


@dataclass(frozen=True, kw_only=True)
class StepScaling:
    """The configuration of a step scaling policy.

    Attributes:
        adjustment_type: ChangeInCapacity, PercentChangeInCapacity or ExactCapacity.
        steps: For each range of the breach, what to do.
        minimum_magnitude: The least that PercentChangeInCapacity changes.
        cooldown: Seconds.
    """

    adjustment_type: str
    steps: Sequence[Step]
    minimum_magnitude: int = 0
    cooldown: float = 300

    def capacity(self, current: int, difference: float, *, above: bool) -> int:
        """The capacity that the policy wants.

        Args:
            current: Present capacity.
            difference: Metric minus the alarm's threshold.
            above: Whether the alarm is about values above its threshold.
        """
        step = next((item for item in self.steps if item.covers(difference, above=above)), None)
        if step is None:
            return current
        if self.adjustment_type == "ExactCapacity":
            return step.adjustment
        if self.adjustment_type == "ChangeInCapacity":
            return max(current + step.adjustment, 0)
        return max(current + self._share(current, step.adjustment), 0)

    def _share(self, current: int, percent: int) -> int:
        """Percents of the capacity: towards zero, but never to it; not less than the least magnitude."""
        exact = current * percent / 100
        if percent == 0:
            return 0
        sign = 1 if percent > 0 else -1
        whole = math.floor(abs(exact) + _NOISE)
        if exact and not whole:
            whole = 1
        return sign * max(whole, self.minimum_magnitude)


@dataclass(frozen=True, kw_only=True)
class TargetTracking:
    """The configuration of a target tracking policy.

    Attributes:
        target: What the metric should be.
        scale_in: Whether it may take capacity away.
        scale_out_cooldown: Seconds.
        scale_in_cooldown: Seconds.
    """

    target: float
    scale_in: bool = True
    scale_out_cooldown: float = 300
    scale_in_cooldown: float = 300

    def capacity(self, current: int, metric: float) -> int:
        """The least capacity with which the metric, spread over it, is not above the target."""
        wanted = math.ceil(current * metric / self.target - _NOISE)
        # From nothing there is no proportion, and a metric above its target always needs more.
        return max(wanted, current + 1) if metric > self.target else wanted
