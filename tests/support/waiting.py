"""Waits that end: every wait has a limit, and failing it tells the last state seen."""

import time
from collections.abc import Callable
from typing import TypeVar

State = TypeVar("State")


def wait_for(
    what: str,
    look: Callable[[], State],
    until: Callable[[State], object],
    *,
    timeout_seconds: float,
    interval_seconds: float = 1.0,
    patience: float = 1.0,
) -> State:
    """Looks again and again until what it sees is as wanted. A look that fails is looked again.

    Args:
        what: What is waited for, as it should read in the error.
        look: Returns the present state.
        until: Says whether that state is the wanted one.
        timeout_seconds: The limit, in seconds.
        interval_seconds: Seconds between two looks.
        patience: How many times as long the limit is, for what is slower than usual.

    Returns:
        The first state that was as wanted.

    Raises:
        AssertionError: At the limit, with the last state seen.
    """
    timeout_seconds *= patience
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            state = look()
            if until(state):
                return state
            seen = repr(state)
        except OSError as error:  # of requests and Docker too: no answer, or what was looked at has just gone
            seen = repr(error)
        if time.monotonic() > deadline:
            message = f"{what}: not within {timeout_seconds:g} s; last seen: {seen}"
            raise AssertionError(message)
        time.sleep(interval_seconds)
