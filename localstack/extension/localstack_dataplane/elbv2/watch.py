"""Watches the targets of all target groups."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Set
from concurrent.futures import Executor

from localstack_dataplane.elbv2.health import Health, Probe, after, deregistered, registered
from localstack_dataplane.elbv2.model import HealthCheck, Target, TargetGroup

LOG = logging.getLogger(__name__)
Healths = dict[str, dict[Target, Health]]


class Watch:
    """Knows the health of every target and starts the checks that are due.

    Args:
        check: Checks one target; runs in `executor`.
        executor: For checks, which wait on the network.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        check: Callable[[Target, HealthCheck], Probe],
        executor: Executor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._check = check
        self._executor = executor
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Healths = {}
        self._due: dict[tuple[str, Target], float] = {}
        self._running: set[tuple[str, Target]] = set()

    def resume(self, known: Healths) -> None:
        """Take over what the process before knew: requests go on to its healthy targets."""
        with self._lock:
            self._known = {arn: dict(targets) for arn, targets in known.items()}

    def observe(self, groups: Iterable[TargetGroup], in_use: Set[str]) -> Healths:
        """Take over what is registered, start the checks that are due, and say what is known by now.

        Args:
            groups: All target groups.
            in_use: ARNs of those that some rule forwards to.
        """
        now = self._clock()
        with self._lock:
            present = {group.arn: group for group in groups}
            for arn in set(self._known) - set(present):
                del self._known[arn]
            for group in present.values():
                self._observe_group(group, group.arn in in_use, now)
            return {arn: dict(targets) for arn, targets in self._known.items()}

    def _observe_group(self, group: TargetGroup, in_use: bool, now: float) -> None:
        known = self._known.setdefault(group.arn, {})
        for target in group.targets:
            known[target] = registered(known.get(target), in_use=in_use, check=group.health_check)
            if known[target].checked:
                self._start_if_due(group, target, now)
        for target in set(known) - set(group.targets):
            self._due.pop((group.arn, target), None)
            left = deregistered(known[target], now, group.deregistration_delay)
            if left is None:
                del known[target]
            else:
                known[target] = left

    def _start_if_due(self, group: TargetGroup, target: Target, now: float) -> None:
        key = (group.arn, target)
        if key in self._running or now < self._due.get(key, now):
            return
        self._running.add(key)
        self._due[key] = now + group.health_check.interval
        self._executor.submit(self._run, key, group.health_check)

    def _run(self, key: tuple[str, Target], check: HealthCheck) -> None:
        arn, target = key
        try:
            outcome = self._check(target, check)
        except Exception:
            # A check that cannot even be made is a failed one; the target must not stay as it was for ever.
            LOG.exception("Health check of %s:%s failed to run", target.id, target.port)
            outcome = Probe()
        with self._lock:
            self._running.discard(key)
            before = self._known.get(arn, {}).get(target)
            if before is None or not before.checked:
                return
            now = after(before, outcome, check)
            self._known[arn][target] = now
        if now.state is not before.state:
            LOG.info(
                "Target %s:%s of %s is %s %s",
                target.id,
                target.port,
                arn.split("/")[-2],
                now.state,
                now.description,
            )
