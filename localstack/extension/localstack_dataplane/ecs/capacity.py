"""Capacity provider strategies: which tasks are FARGATE, and which FARGATE_SPOT.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SPOT = "FARGATE_SPOT"
_MOST_PROVIDERS = 20


@dataclass(frozen=True)
class Share:
    """One item of a strategy.

    Attributes:
        provider: Name of the capacity provider.
        base: Tasks that run on it before weights count.
        weight: Its part of the tasks beyond the base.
    """

    provider: str
    base: int = 0
    weight: int = 0


Strategy = tuple[Share, ...]


def parse_strategy(items: Sequence[Mapping[str, Any]] | None) -> Strategy:
    """Read a strategy of the API."""
    return tuple(
        Share(item["capacityProvider"], item.get("base") or 0, item.get("weight") or 0)
        for item in items or ()
    )


def next_provider(strategy: Strategy, running: Mapping[str, int]) -> str:
    """The provider of the next task; empty without a strategy.

    Args:
        strategy: Of the service, or of the call of RunTask.
        running: Provider -> its tasks so far.
    """
    for share in strategy:
        if running.get(share.provider, 0) < share.base:
            return share.provider
    weighted = [share for share in strategy if share.weight] or list(strategy[:1])
    if not weighted:
        return ""

    def load(share: Share) -> float:
        return (running.get(share.provider, 0) - share.base + 1) / (share.weight or 1)

    return min(weighted, key=load).provider


def strategy_problem(strategy: Strategy, available: Collection[str], launch_type: str | None) -> str:
    """Why ECS refuses a strategy; empty if it does not.

    Args:
        strategy: What was asked for.
        available: Capacity providers of the cluster.
        launch_type: What was asked for beside it.
    """
    if not strategy:
        return ""
    if launch_type:
        return (
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and "
            "try again."
        )
    if len(strategy) > _MOST_PROVIDERS:
        return f"A capacity provider strategy can have at most {_MOST_PROVIDERS} capacity providers."
    if sum(share.base > 0 for share in strategy) > 1:
        return "Only one capacity provider in a capacity provider strategy can have a base defined."
    if len(strategy) > 1 and not any(share.weight for share in strategy):
        return "At least one capacity provider of a capacity provider strategy must have a weight above zero."
    if any(share.provider not in available for share in strategy):
        return (
            "The specified capacity provider strategy cannot contain a capacity provider that is not "
            "associated with the cluster. Associate the capacity provider with the cluster and try again."
        )
    return ""
