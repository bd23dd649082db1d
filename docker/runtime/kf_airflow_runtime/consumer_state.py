"""What the worker's main process knows of its consumer: what the health server answers from."""

from collections.abc import Callable

LIMIT_SECONDS = 60.0
"""How long the event loop may be silent. It does no task's work, only a stall of the process stops it: a
minute is far beyond a busy host and well below the five minutes after which Airflow gives a lost task up."""


class ConsumerState:
    """Whether the consumer's event loop turns.

    Args:
        clock: Seconds that never go back (`time.monotonic`).
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._phase = "starting"
        self._since = clock()

    def tick(self) -> None:
        """The loop has turned."""
        self._enter("consuming")

    def disconnected(self) -> None:
        """The loop was left because the broker went away; Celery connects again by itself."""
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
            return (
                age < LIMIT_SECONDS,
                f"the event loop turned {age:.0f} s ago, {LIMIT_SECONDS:.0f} s allowed",
            )
        if self._phase == "reconnecting":
            return True, f"no broker for {age:.0f} s, connecting again; running tasks go on"
        if self._phase == "stopping":
            return True, f"stopping for {age:.0f} s, running tasks finish"
        return False, f"starting for {age:.0f} s, the broker has not been reached yet"

    def _enter(self, phase: str) -> None:
        self._phase, self._since = phase, self._clock()
