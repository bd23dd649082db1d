"""What the worker has to do at the moment, as its event loop sees it and its threads read it."""

import threading
from dataclasses import dataclass


@dataclass
class Work:
    """Counts, and whether messages are taken.

    The event loop writes the counts, threads write the reasons; each is one assignment, so nobody needs a
    lock, which a process that is forked meanwhile would keep for ever.

    Attributes:
        running: Tasks that run.
        waiting: Tasks whose message was received and that do not run yet.
        unsent: Logs of ended tasks that S3 does not have yet, and that are worth waiting for.
        replaced: Why the worker takes no messages although it goes on; empty if it does.
        terminated: Whether the worker was told to end.
        changed: Set whenever there is something new to do for the thread that protects the task.
    """

    running: int = 0
    waiting: int = 0
    unsent: int = 0
    replaced: str = ""
    terminated: bool = False

    def __post_init__(self) -> None:
        self.changed = threading.Event()

    @property
    def busy(self) -> bool:
        """Whether a task runs or is about to, or the log of one would be lost with the worker."""
        return self.running + self.waiting + self.unsent > 0

    @property
    def takes_messages(self) -> bool:
        """Whether the worker consumes."""
        return not self.terminated and not self.replaced

    def count(self, *, running: int, waiting: int, unsent: int = 0) -> None:
        """Called by the event loop with what there is."""
        before = self.busy
        self.running, self.waiting, self.unsent = running, waiting, unsent
        if self.busy != before:
            self.changed.set()


work = Work()
"""That of this process."""
