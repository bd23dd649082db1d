"""What became of a load: judged by what its tasks wrote down themselves, and by what Airflow says of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

ENDED = {"success", "failed"}


def expected_state(number: int) -> str:
    """How a task of the DAG `chaos_load` has to end."""
    return "failed" if number % 50 == 33 else "success"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of one task, as it wrote it down.

    Args:
        number: Which task.
        try_number: Which try.
        started: When it began, in seconds of any clock that all share.
        ended: When it was through; None if something cut it off.
        succeeded: How; None if something cut it off.
        worker: Where.
    """

    number: int
    try_number: int
    started: float
    ended: float | None = None
    succeeded: bool | None = None
    worker: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a load.

    Attributes:
        tasks: How many there were.
        lost: Tasks that Airflow ended otherwise than they had to, says succeeded when none of their tries
            did, or has no more.
        repeated: Tasks that ran to their success more than once.
        stuck: Tasks that had not ended when the wait for them did.
        cut_off: Tries that something cut off.
        rerun_seconds: The longest time from the fault until a task that it cut off ran again; None if it cut
            none off.
        recovered_seconds: From the fault until as many tries, begun after it, had succeeded as run at once.
        longest_gap_seconds: The longest time after the fault in which no try ended.
    """

    tasks: int
    lost: tuple[int, ...]
    repeated: tuple[int, ...]
    stuck: tuple[int, ...]
    cut_off: int
    rerun_seconds: float | None
    recovered_seconds: float | None
    longest_gap_seconds: float | None

    @property
    def good(self) -> bool:
        """Whether nothing was lost, repeated or stuck."""
        return not (self.lost or self.repeated or self.stuck)

    def document(self) -> dict[str, Any]:
        """Returns it as JSON has it."""
        return asdict(self)


def judge(
    states: Mapping[int, str | None],
    attempts: Sequence[Attempt],
    *,
    tasks: Iterable[int],
    fault_at: float,
    slots: int,
) -> Verdict:
    """Judges a load.

    Args:
        states: The state Airflow has of each task.
        attempts: What the tasks wrote down.
        tasks: The tasks there have to be.
        fault_at: When the fault came, by the clock of the attempts.
        slots: How many tasks run at once.
    """
    successes = Counter(attempt.number for attempt in attempts if attempt.succeeded)
    stuck = tuple(number for number, state in states.items() if state not in ENDED)
    wrong = {
        number
        for number, state in states.items()
        if state in ENDED
        and (state != expected_state(number) or (state == "success" and not successes[number]))
    }
    wanted = set(tasks)
    cut_off = [attempt for attempt in attempts if attempt.ended is None]
    return Verdict(
        tasks=len(wanted),
        lost=tuple(sorted(wrong | (wanted - states.keys()))),
        repeated=tuple(number for number, times in sorted(successes.items()) if times > 1),
        stuck=stuck,
        cut_off=len(cut_off),
        rerun_seconds=_longest(_reruns(cut_off, attempts, fault_at)),
        recovered_seconds=_recovered(attempts, fault_at, slots),
        longest_gap_seconds=_gap(attempts, fault_at),
    )


def _reruns(cut_off: Iterable[Attempt], attempts: Sequence[Attempt], fault_at: float) -> list[float]:
    found = []
    for attempt in cut_off:
        later = [
            other.started
            for other in attempts
            if other.number == attempt.number and other.started > attempt.started
        ]
        if later:
            found.append(min(later) - fault_at)
    return found


def _recovered(attempts: Sequence[Attempt], fault_at: float, slots: int) -> float | None:
    ends = sorted(
        attempt.ended
        for attempt in attempts
        if attempt.ended is not None and attempt.succeeded and attempt.started >= fault_at
    )
    return round(ends[slots - 1] - fault_at, 1) if len(ends) >= slots else None


def _gap(attempts: Sequence[Attempt], fault_at: float) -> float | None:
    ends = sorted(
        attempt.ended for attempt in attempts if attempt.ended is not None and attempt.ended >= fault_at
    )
    if not ends:
        return None
    return round(max(later - earlier for earlier, later in zip([fault_at, *ends], ends, strict=False)), 1)


def _longest(seconds: list[float]) -> float | None:
    return round(max(seconds), 1) if seconds else None
