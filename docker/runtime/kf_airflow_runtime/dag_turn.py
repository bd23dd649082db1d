"""Whose DAGs hold while a deployment rolls and two DAG processors run: decided from what each can see.

The version that holds is the one Airflow keeps for the bundle. Who has that one parses. Who has another one
parses only if ECS wants its task: then it puts its own version in the place of that. So the older processor
stops when the newer one begins, and begins again if the deployment is rolled back.
"""

import math
import time
from collections.abc import Callable
from enum import Enum

LOOK_SECONDS = 10.0
"""How long an answer of ECS holds."""
LIMIT_SECONDS = 300.0
"""How long a processor that has just started waits for ECS to answer. Then it does as Airflow would."""


class Turn(Enum):
    """What a DAG processor is to do."""

    KEEP = "parse: its version holds"
    TAKE = "parse, and make its version hold"
    WAIT = "neither parse nor write"


class DagTurn:
    """Decides what one DAG processor is to do with one bundle.

    Args:
        own: The version of its own DAGs.
        wanted: Says whether ECS wants this task, or None if there is no ECS to ask; it raises if it cannot
            find out.
        clock: What tells the time.
    """

    def __init__(
        self, own: str, wanted: Callable[[], bool] | None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._own, self._wanted, self._clock = own, wanted, clock
        self._held = False
        self._began = clock()
        self._looked = -math.inf
        self._answer = Turn.WAIT
        self.problem = ""
        """Why ECS could not be asked, the last time; empty if it could."""

    def next(self, stored: str | None) -> Turn:
        """What to do now.

        Args:
            stored: The version that holds; None if none does yet.
        """
        if stored == self._own:
            self._held = True
            # That it was wanted then says nothing about whoever takes its place.
            self._looked = -math.inf
            return Turn.KEEP
        if stored is None or self._wanted is None:
            return Turn.TAKE
        if self._clock() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock()
            self._answer = self._look(self._wanted)
        return self._answer

    def _look(self, wanted: Callable[[], bool]) -> Turn:
        try:
            answer = Turn.TAKE if wanted() else Turn.WAIT
        except Exception as error:
            self.problem = " ".join(f"{type(error).__name__}: {error}".split())
            # Whoever took its place was wanted. One that has never had it may be the only one there is.
            late = self._clock() - self._began >= LIMIT_SECONDS
            return Turn.TAKE if late and not self._held else Turn.WAIT
        self.problem = ""
        return answer
