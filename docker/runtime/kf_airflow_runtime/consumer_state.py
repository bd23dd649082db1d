"""What the worker's main process knows of its consumer: what the health server answers from."""

from collections.abc import Callable
from dataclasses import dataclass

LIMIT_SECONDS = 60.0
"""How long the event loop may be silent, or turn without consuming. It does no task's work, only a stall of
the process stops it: a minute is far beyond a busy host and well below the five minutes after which Airflow
gives a lost task up. kombu itself gives a connection up on which Redis is silent after 16 s."""

ATTEMPT_LIMIT_SECONDS = 300.0
"""How long no new attempt to reach the broker may be made. Celery makes one every 2 to 30 s, and each ends
after 10 s: one that does not is stuck."""

ASKED_WITHIN_SECONDS = 10.0
"""How old the latest question for a message may be. kombu asks anew every second while nothing comes."""


@dataclass(frozen=True)
class Sight:
    """What the event loop sees of its consumer when it turns.

    Args:
        wanted: Whether it is to consume; a worker that drains is not.
        queues: How many queues it has told kombu to consume from.
        room: Whether kombu may take another message: not while as many as run at once are unacknowledged.
        asked: Seconds since kombu last asked Redis for a message; None if it has not yet.
        running: Tasks that run.
        waiting: Tasks whose message was received and that do not run yet.
        slots: How many may run at once.
    """

    wanted: bool
    queues: int
    room: bool
    asked: float | None
    running: int
    waiting: int
    slots: int

    def deafness(self) -> str:
        """Why no task can begin although one should; empty if all is well. Being busy is well."""
        if not self.wanted:
            return ""
        if not self.queues:
            return "no queue is consumed from"
        if self.waiting and self.running < self.slots:
            return f"{self.waiting} tasks received do not start"
        if not self.room:
            return "" if self.running + self.waiting else "no task runs and yet no message is taken"
        if self.asked is None or self.asked > ASKED_WITHIN_SECONDS:
            return "Redis is not asked for messages"
        return ""


class ConsumerState:
    """Whether the consumer's event loop turns, and consumes.

    Args:
        clock: Seconds that never go back (`time.monotonic`).
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._phase = "starting"
        self._since = clock()
        self._deafness = ""
        self._deaf_since = 0.0
        self._attempts: Callable[[], int] = lambda: 0
        self._seen_attempts = (0, clock())

    @property
    def looping(self) -> bool:
        """Whether the event loop turns, as far as is known."""
        return self._phase == "consuming"

    def tick(self, sight: Sight) -> None:
        """The loop has turned."""
        deafness = sight.deafness()
        if deafness and not self._deafness:
            self._deaf_since = self._clock()
        self._deafness = deafness
        self._enter("consuming")

    def disconnected(self, attempts: Callable[[], int]) -> None:
        """The loop was left because the broker went away; Celery connects again by itself.

        Args:
            attempts: How many attempts to do so have failed.
        """
        self._attempts, self._seen_attempts = attempts, (attempts(), self._clock())
        self._deafness = ""
        self._enter("reconnecting")

    def stopping(self) -> None:
        """The loop was left for good; running tasks finish."""
        self._enter("stopping")

    def verdict(self) -> tuple[bool, str]:
        """Whether the worker is healthy, and why.

        A worker that lost the broker is: a new one would not reach it either, and the tasks that run would be
        lost. One that has never reached it is not: a deployment with a wrong password must not count as good.
        """
        age = self._clock() - self._since
        if self._phase == "consuming":
            return self._verdict_on_loop(age)
        if self._phase == "reconnecting":
            return self._verdict_on_attempts(age)
        if self._phase == "stopping":
            return True, f"stopping for {age:.0f} s, running tasks finish"
        return False, f"starting for {age:.0f} s, the broker has not been reached yet"

    def _verdict_on_loop(self, age: float) -> tuple[bool, str]:
        deaf = self._clock() - self._deaf_since if self._deafness else 0.0
        if deaf >= ASKED_WITHIN_SECONDS and age < LIMIT_SECONDS:
            return deaf < LIMIT_SECONDS, f"{self._deafness} for {deaf:.0f} s, {LIMIT_SECONDS:.0f} s allowed"
        return age < LIMIT_SECONDS, f"the event loop turned {age:.0f} s ago, {LIMIT_SECONDS:.0f} s allowed"

    def _verdict_on_attempts(self, age: float) -> tuple[bool, str]:
        attempts, now = self._attempts(), self._clock()
        if attempts != self._seen_attempts[0]:
            self._seen_attempts = (attempts, now)
        still = now - self._seen_attempts[1]
        if still >= ATTEMPT_LIMIT_SECONDS:
            return False, f"no broker for {age:.0f} s, and no attempt to reach it for {still:.0f} s"
        return True, f"no broker for {age:.0f} s, connecting again; running tasks go on"

    def _enter(self, phase: str) -> None:
        self._phase, self._since = phase, self._clock()
