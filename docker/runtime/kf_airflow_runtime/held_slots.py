"""Which of the executor's slots are held for tasks that Airflow has done with.

The executor holds a slot from a task's message to its result, and a worker that is killed between the task's
report to the webserver and that result never writes one. Airflow gives up tasks that run and are not heard
of, but this one does not run any more: its slot would be held until the scheduler is replaced, and with as
many as `parallelism` no task would begin.
"""

from collections.abc import Callable, Iterable

LOOK_SECONDS = 60.0
"""A result comes a moment after the report, or as much later as S3 takes the task's log."""


class HeldSlots:
    """Decides which slots to free: of tasks that were done with at the last look and still have no result.

    One freed too early does no harm: nobody reads the result any more, and a further task waits in its queue
    and not as `scheduled`.

    Args:
        clock: Seconds that never go back (`time.monotonic`).
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._due_at = clock() + LOOK_SECONDS
        self._done: set[str] = set()

    @property
    def due(self) -> bool:
        """Whether it is time for a look."""
        return self._clock() >= self._due_at

    def to_free(self, held: Iterable[str], unfinished: Iterable[str]) -> set[str]:
        """The look: returns whose slots are to be freed.

        Args:
            held: Celery's ids of the tasks that have a slot and no result.
            unfinished: Celery's ids of the tasks that are queued or run, as Airflow's database has them.
        """
        before, self._done = self._done, set(held) - set(unfinished)
        self._due_at = self._clock() + LOOK_SECONDS
        return before & self._done
