"""Which of the services that `metrics` needs answer, told when it changes and not in each cycle."""

from collections.abc import Callable

from kf_airflow_runtime.plain_log import Say


class SourceStates:
    """Whether each source works.

    Args:
        say: Told of each change.
        clock: Seconds that never go back (`time.monotonic`).
    """

    def __init__(self, say: Say, clock: Callable[[], float]) -> None:
        self._say = say
        self._clock = clock
        self._failing: dict[str, tuple[float, str]] = {}

    @property
    def problems(self) -> dict[str, str]:
        """What is wrong with each source that fails, as of its last attempt."""
        return {source: reason for source, (_, reason) in self._failing.items()}

    def works(self, source: str) -> None:
        """The source answered."""
        if source in self._failing:
            since, _ = self._failing.pop(source)
            seconds = self._clock() - since
            self._say(
                f"{source}: well again after {seconds:.0f} s",
                event="source-works-again",
                source=source,
                seconds=round(seconds, 1),
            )

    def fails(self, source: str, reason: str, consequence: str) -> None:
        """The source did not answer.

        Args:
            source: Which one.
            reason: What it said.
            consequence: What does not happen until it does.
        """
        if source not in self._failing:
            self._say(
                f"{source}: {reason}; {consequence}", event="source-fails", level="warning", source=source
            )
        since, _ = self._failing.get(source, (self._clock(), ""))
        self._failing[source] = (since, reason)
