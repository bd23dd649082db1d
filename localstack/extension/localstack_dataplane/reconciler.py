"""Runs the controllers again and again."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping

from localstack_dataplane.controller import Controller
from localstack_dataplane.docker_host import DockerHost

LOG = logging.getLogger(__name__)

_INTERVAL_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 30.0
_SETTLE_SECONDS = 0.1


class Reconciler:
    """A thread for each controller; a pass each second, and sooner when Docker reports a change.

    Args:
        docker: Reports changes.
        controllers: What to run.
        interval: Seconds between two passes without a change.
        changed: Called, too, when Docker reports a change.
        concerned: Kind of a container -> names of the controllers that its changes concern; all of them for
            other kinds.
    """

    def __init__(
        self,
        docker: DockerHost,
        controllers: list[Controller],
        interval: float = _INTERVAL_SECONDS,
        changed: Callable[[], None] | None = None,
        concerned: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._docker, self._controllers, self._interval = docker, controllers, interval
        self._changed = changed or (lambda: None)
        self._concerned = concerned or {}
        self._stopping = threading.Event()
        self._wake = {controller.name: threading.Event() for controller in controllers}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads."""
        threads = [threading.Thread(target=self._watch, name="dataplane-events", daemon=True)]
        threads += [
            threading.Thread(target=self._run, args=(item,), name=f"dataplane-{item.name}", daemon=True)
            for item in self._controllers
        ]
        for thread in threads:
            thread.start()
        self._threads = threads[1:]

    def stop(self, timeout: float = 10) -> None:
        """Let every controller finish its pass.

        Args:
            timeout: Seconds to wait for each.
        """
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout)

    def wake(self, *controllers: str) -> None:
        """Make the next pass start now.

        Args:
            *controllers: Names of those that make it; all of them if left out.
        """
        for name, event in self._wake.items():
            if not controllers or name in controllers:
                event.set()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            try:
                for kind in self._docker.events():
                    self.wake(*self._concerned.get(kind, ()))
                    self._changed()
            except Exception as error:  # a broken stream has many faces, and this thread has to go on
                LOG.warning("Docker's events are not to be had, polling goes on: %s", error)
            self._stopping.wait(self._interval)

    def _run(self, controller: Controller) -> None:
        failures = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                controller.reconcile()
            except Exception:
                failures += 1
                pause = min(self._interval * 2**failures, _LONGEST_PAUSE_SECONDS)
                LOG.exception(
                    "A pass of %s failed (%d in a row); next in %.0f s", controller.name, failures, pause
                )
            else:
                failures, pause = 0, self._interval
                LOG.debug("A pass of %s took %.3f s", controller.name, time.monotonic() - started)
            ended, wake = time.monotonic(), self._wake[controller.name]
            if wake.wait(pause):
                # Several changes come together: the first is acted on at once, the others by one more pass.
                self._stopping.wait(max(0.0, ended + _SETTLE_SECONDS - time.monotonic()))
            wake.clear()
