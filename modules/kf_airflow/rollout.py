"""In which order a deployment replaces Airflow's services."""

from __future__ import annotations

from typing import Literal, get_args

RolloutOrder = Literal["workers-first", "airflow-first"]


def checked_order(order: RolloutOrder) -> RolloutOrder:
    """Returns the order, which a program without types may have given as any text.

    Raises:
        ValueError: if it is none.
    """
    allowed = get_args(RolloutOrder)
    if order not in allowed:
        raise ValueError(f"rollout_order is {order!r}: allowed are {' and '.join(map(repr, allowed))}")
    return order
