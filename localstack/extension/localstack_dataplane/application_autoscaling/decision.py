"""What to do with a scalable target, given what its policies want.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A scalable target's range and what is suspended.

    Attributes:
        minimum: Least capacity.
        maximum: Greatest capacity.
        in_suspended: Whether policies may take nothing away.
        out_suspended: Whether policies may add nothing.
    """

    minimum: int
    maximum: int
    in_suspended: bool = False
    out_suspended: bool = False

    def clamp(self, capacity: int) -> int:
        """The nearest capacity in the range."""
        return min(max(capacity, self.minimum), self.maximum)


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """The last change that a policy made.

    Attributes:
        before: Capacity before it.
        after: Capacity after it.
        until: End of its cooldown.
    """

    before: int
    after: int
    until: datetime

    @property
    def out(self) -> bool:
        """Whether it added capacity."""
        return self.after > self.before


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What one policy wants after its alarm.

    Attributes:
        policy: Its name.
        cause: Why, in words.
        capacity: Present capacity -> wanted capacity.
        out_cooldown: Seconds after adding capacity.
        in_cooldown: Seconds after taking some away.
        tracking: Whether it is a target tracking policy: these take capacity away only if all agree.
    """

    policy: str
    cause: str
    capacity: Callable[[int], int]
    out_cooldown: float = 300
    in_cooldown: float = 300
    tracking: bool = False


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What to do.

    Attributes:
        proposal: The policy that prevails.
        before: Capacity now.
        after: Capacity to set; as before if nothing is to be done.
        reason: Code of a NotScaledReason; empty when something is to be done.
    """

    proposal: Proposal
    before: int
    after: int
    reason: str = ""

    @property
    def cooldown(self) -> float:
        """Seconds until the next change of its kind."""
        return self.proposal.out_cooldown if self.after > self.before else self.proposal.in_cooldown


def decide(
    proposals: Sequence[Proposal],
    *,
    capacity: int,
    bounds: Bounds,
    last: Scaled | None,
    moment: datetime,
    deploying: bool = False,
    holding: bool = False,
) -> Decision | None:
    """Choose among proposals: the largest capacity prevails, for scaling in as for scaling out.

    Args:
        proposals: Of the policies whose alarm went off.
        capacity: Desired count now.
        bounds: The target's range.
        last: The last change that a policy made; None if there was none.
        moment: Now.
        deploying: Whether a deployment is under way, which defers scaling in.
        holding: Whether some target tracking policy is not ready to scale in, which keeps the others of its
            kind from it.

    Returns:
        None where there is nothing to do and nothing to tell.
    """
    cooling = last is not None and moment < last.until
    made = [_one(proposal, capacity, bounds, last if cooling else None) for proposal in proposals]
    at_maximum = [item for item in made if item.reason == "AlreadyAtMaxCapacity"]
    out = [item for item in made if item.after > capacity]
    if out:
        return None if bounds.out_suspended else max(out, key=_after)
    if at_maximum:
        return at_maximum[0]
    holding = holding or any(item.proposal.tracking and item.reason for item in made)
    into = [item for item in made if item.after < capacity and not (holding and item.proposal.tracking)]
    if into:
        blocked = bounds.in_suspended or deploying or (cooling and last is not None and not last.out)
        return None if blocked else max(into, key=_after)
    return next((item for item in made if item.reason), None)


def _after(decision: Decision) -> int:
    return decision.after


def _one(proposal: Proposal, capacity: int, bounds: Bounds, cooling: Scaled | None) -> Decision:
    wanted = proposal.capacity(capacity)
    if wanted > capacity:
        # From below the range, first into it. What this cooldown's activity added is part of what is wanted.
        base = max(capacity, bounds.minimum)
        if cooling is not None and cooling.out and cooling.before < base <= cooling.after:
            base = max(cooling.before, bounds.minimum)
        after = min(max(proposal.capacity(base), capacity), max(bounds.maximum, capacity))
        if after == capacity:
            return _not(proposal, capacity, "AlreadyAtMaxCapacity" if capacity >= bounds.maximum else "")
    elif wanted < capacity:
        base = min(capacity, bounds.maximum)
        after = max(min(proposal.capacity(base), base), min(bounds.minimum, capacity))
        if after == capacity:
            return _not(proposal, capacity, "AlreadyAtMinCapacity" if capacity <= bounds.minimum else "")
    else:
        return _not(proposal, capacity, "AutoScalingAnticipatedFlapping" if proposal.tracking else "")
    return Decision(proposal=proposal, before=capacity, after=after)


def _not(proposal: Proposal, capacity: int, reason: str) -> Decision:
    return Decision(
        proposal=proposal, before=capacity, after=capacity, reason=reason or "AlreadyAtDesiredCapacity"
    )
