"""Which requests a rule of a listener is for, and in which order rules are tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kf_airflow.options.requests import check_paths
from kf_airflow.refs.load_balancer import PRIORITIES

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
_MOST_VALUES = 5
# Refusals have room of their own before everything else, so that one more moves no other rule: Terraform
# changes rules one by one, and AWS knows no two of the same priority.
_REFUSALS = 10


@dataclass(frozen=True, kw_only=True)
class Match:
    """Requests that have one of the host names, one of the paths and one of the methods.

    Args:
        hosts: Host names, with `*` and `?`. Any if left out.
        paths: Patterns of paths. Any if left out.
        methods: Methods. Any if left out.

    Raises:
        ValueError: if a pattern is not one, or there are none, or more than a rule has room for.
    """

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_paths("paths", self.paths)
        values = [*self.hosts, *self.paths, *self.methods]
        if not self.hosts and not self.paths:
            raise ValueError("hosts and paths are empty: allowed is one host name or pattern, or more")
        if len(values) > _MOST_VALUES:
            raise ValueError(
                f"a rule has {len(values)} values ({', '.join(values)}): "
                f"allowed are {_MOST_VALUES}, host names, paths and methods together"
            )


class Priorities:
    """Hands out the priorities of rules: earlier ones win, and refusals win over everything.

    Args:
        first: The first of those that are free.
    """

    def __init__(self, first: int) -> None:
        self._refusals = iter(range(first, first + _REFUSALS))
        self._others = iter(range(first + _REFUSALS, first + PRIORITIES))

    def refusal(self) -> int:
        """Returns the priority of one more refusal.

        Raises:
            ValueError: if there is no room for one more.
        """
        return _next(self._refusals, f"more refusals than there is room for: allowed are {_REFUSALS}")

    def other(self) -> int:
        """Returns the priority of one more rule of another kind.

        Raises:
            ValueError: if there is no room for one more.
        """
        return _next(
            self._others, f"more rules than there is room for: allowed are {PRIORITIES - _REFUSALS} of a kind"
        )


def _next(priorities: Iterator[int], message: str) -> int:
    for priority in priorities:
        return priority
    raise ValueError(message)
