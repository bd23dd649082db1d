"""When the state is saved: soon after a change, not too often, and between requests."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOG = logging.getLogger(__name__)

_QUIET_SECONDS = 0.5
_GAP_SECONDS = 3.0
_SHARE = 20
_LONGEST_GAP_SECONDS = 10.0
"""Saving takes at most a twentieth of the time, unless changes would wait for too long."""


class Gate:
    """Lets requests through, and holds them for the moment of a save.

    Args:
        patience: Seconds that a save waits for requests under way, and a request for a save.
    """

    def __init__(self, patience: float = 2.0) -> None:
        self._patience = patience
        self._condition = threading.Condition()
        self._inside = 0
        self._closed = False

    def enter(self) -> None:
        """A request that changes something begins."""
        with self._condition:
            self._condition.wait_for(lambda: not self._closed, self._patience)
            self._inside += 1

    def leave(self) -> None:
        """It has ended."""
        with self._condition:
            self._inside -= 1
            self._condition.notify_all()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Nothing changes meanwhile, unless a request takes too long to be waited for."""
        with self._condition:
            self._closed = True
            self._condition.wait_for(lambda: self._inside == 0, self._patience)
        try:
            yield
        finally:
            with self._condition:
                self._closed = False
                self._condition.notify_all()


class Saver:
    """Saves in a thread of its own.

    Args:
        save: Saves; what it raises is logged, and tried again at the next change.
        quiet: Seconds after a change, for those that come with it.
        gap: Seconds between two saves, at least.
    """

    def __init__(
        self, save: Callable[[], None], *, quiet: float = _QUIET_SECONDS, gap: float = _GAP_SECONDS
    ) -> None:
        self._save, self._quiet, self._gap = save, quiet, gap
        self._changed, self._stopping = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="dataplane-saver", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def changed(self) -> None:
        """There is something to save."""
        self._changed.set()

    def save_now(self) -> float:
        """Save; returns how many seconds it took."""
        with self._lock:
            self._changed.clear()
            started = time.monotonic()
            try:
                self._save()
            except Exception:
                LOG.exception("The state could not be saved: a restart would lose what changed")
            return time.monotonic() - started

    def stop(self) -> None:
        """Stop the thread."""
        self._stopping.set()
        self._changed.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._changed.wait()
            self._stopping.wait(self._quiet)
            if self._stopping.is_set():
                return
            took = self.save_now()
            LOG.debug("Saving the state took %.3f s", took)
            self._stopping.wait(max(self._gap, min(_SHARE * took, _LONGEST_GAP_SECONDS)))
