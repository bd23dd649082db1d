"""Waiting for what another container brings about: with a limit, and with the reason of the last failure."""

import time
from collections.abc import Callable
from typing import TypeVar

Report = Callable[[str], None]
Result = TypeVar("Result")

_PAUSE_SECONDS = 3.0


class TooLateError(Exception):
    """The time is over. Its text says what was waited for and what the last attempt said."""


def retried(attempt: Callable[[], Result | str], what: str, deadline: float, report: Report) -> Result:
    """Attempts until something else than a text comes back; a text is the reason for one more attempt.

    Args:
        attempt: Returns its result, or the reason why there is none yet.
        what: What is waited for, for the log.
        deadline: The `time.monotonic()` at which to give up.
        report: Told of each further attempt.

    Raises:
        TooLateError: The deadline has passed; with the last reason.
    """
    while True:
        outcome = attempt()
        if not isinstance(outcome, str):
            return outcome
        if time.monotonic() + _PAUSE_SECONDS > deadline:
            raise TooLateError(f"waiting for {what}, the last attempt said: {outcome}")
        report(f"waiting for {what}: {outcome}")
        time.sleep(_PAUSE_SECONDS)
