"""When ECS is told that this task must not be stopped by scale-in or a deployment, and when that it may.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
"""

from collections.abc import Callable
from dataclasses import dataclass

LEASE_MINUTES = 30
"""For how long ECS is asked at a time. A worker that died while protected delays a deployment that long."""

RENEW_SECONDS = LEASE_MINUTES * 60 / 2
"""After which it is asked again: half a lease is left for attempts that fail."""

CAP_SECONDS = 2880 * 60.0
"""48 hours, the longest that ECS itself grants at a time: after it a deployment no longer waits for a worker
that was never idle."""

LINGER_SECONDS = 5.0
"""How long a worker that has become idle stays protected: a row of short tasks makes two calls and not
hundreds, and ECS limits the rate of calls."""

LONGEST_PAUSE_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class Wish:
    """What ECS is told.

    Args:
        minutes: For how long the task is to be protected; None that it no longer is.
    """

    minutes: int | None

    def body(self) -> dict[str, object]:
        """Returns it as the agent's endpoint takes it."""
        if self.minutes is None:
            return {"ProtectionEnabled": False}
        return {"ProtectionEnabled": True, "ExpiresInMinutes": self.minutes}


class Protection:
    """Decides what to tell ECS, from whether the worker is busy and from what became of the last attempt.

    Args:
        clock: Seconds that never go back (`time.monotonic`).
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._busy = False
        self._idle_since = clock()
        self._began: float | None = None
        self._renew_at = 0.0
        self._ends = 0.0
        self._failures = 0
        self._not_before = 0.0

    @property
    def active(self) -> bool:
        """Whether ECS protects the task, as far as is known."""
        return self._began is not None and self._clock() < self._ends

    @property
    def seconds(self) -> float:
        """For how long ECS has protected the task without a pause; 0 while it does not."""
        return self._clock() - self._began if self._began is not None and self.active else 0.0

    def wish(self, *, busy: bool) -> Wish | None:
        """What to tell ECS now; None if there is nothing.

        Args:
            busy: Whether a task runs.
        """
        now = self._clock()
        if self._busy and not busy:
            self._idle_since = now
        self._busy = busy
        if now < self._not_before:
            return None
        if busy:
            return self._wish_while_busy(now)
        if self._began is None or now < self._idle_since + LINGER_SECONDS:
            return None
        if now >= self._ends:
            self._began = None  # It has run out; there is nothing to lift.
            return None
        return Wish(None)

    def pause(self) -> float | None:
        """Seconds until `wish` may say something else by itself; None if only work can change it."""
        now = self._clock()
        if self._busy:
            if self._capped(now):
                return None
            due = self._renew_at if self._began is not None else now
        elif self._began is not None:
            due = self._idle_since + LINGER_SECONDS
        else:
            return None
        return max(0.0, due - now, self._not_before - now)

    def granted(self, wish: Wish) -> str | None:
        """ECS has done it. Returns what to say about that, if attempts had failed before."""
        now = self._clock()
        failures, self._failures, self._not_before = self._failures, 0, 0.0
        if wish.minutes is None:
            self._began = None
        else:
            self._began = now if self._began is None else self._began
            self._ends = now + wish.minutes * 60
            self._renew_at = now + min(RENEW_SECONDS, wish.minutes * 30)
        return f"task protection: ECS answers again, after {failures} attempts" if failures else None

    def refused(self, reason: str) -> str | None:
        """The attempt failed. Returns what to say about that: the first time in a row only."""
        pause = min(_FIRST_PAUSE_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS)
        self._failures += 1
        self._not_before = self._clock() + pause
        if self._failures > 1:
            return None
        return f"task protection: ECS was not told, attempts go on: {reason}"

    def _wish_while_busy(self, now: float) -> Wish | None:
        if self._began is not None and now < self._renew_at:
            return None
        left = int(self._left(now) // 60)
        return Wish(min(LEASE_MINUTES, left)) if left > 0 else None

    def _left(self, now: float) -> float:
        return CAP_SECONDS if self._began is None else self._began + CAP_SECONDS - now

    def _capped(self, now: float) -> bool:
        return self._left(now) < 60 and now >= self._renew_at
