"""Scalable targets and scaling activities of every account and region."""

import threading
from collections import deque

from localstack_dataplane.application_autoscaling.errors import not_found
from localstack_dataplane.application_autoscaling.model import Activity, Key, Policy, ScalableTarget

_ACTIVITIES_KEPT = 1000

_Place = tuple[str, str]
Contents = tuple[dict[_Place, dict[Key, ScalableTarget]], dict[_Place, deque[Activity]]]
"""Scalable targets and activities by account and region."""


class ScalingStore:
    """Safe to use from several threads: whoever reads or changes records holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._targets: dict[_Place, dict[Key, ScalableTarget]] = {}
        self._activities: dict[_Place, deque[Activity]] = {}

    def contents(self) -> Contents:
        """Everything, to be kept."""
        with self.lock:
            return dict(self._targets), dict(self._activities)

    def restore(self, contents: Contents) -> None:
        """Take in what there was in the process before."""
        with self.lock:
            targets, activities = contents
            self._targets.update(targets)
            self._activities.update(activities)

    def targets(self, account: str, region: str) -> dict[Key, ScalableTarget]:
        """Scalable targets of one account and region, by their keys; changes to the dictionary stay."""
        return self._targets.setdefault((account, region), {})

    def all_targets(self) -> list[ScalableTarget]:
        """Scalable targets everywhere."""
        with self.lock:
            return [target for targets in self._targets.values() for target in targets.values()]

    def target(self, account: str, region: str, key: Key) -> ScalableTarget | None:
        """One scalable target; None if it is not registered."""
        return self.targets(account, region).get(key)

    def registered(self, account: str, region: str, key: Key) -> ScalableTarget:
        """One scalable target.

        Raises:
            ApiError: It is not registered.
        """
        target = self.target(account, region, key)
        if target is None:
            raise not_found("No scalable target registered", key)
        return target

    def policy(self, arn: str) -> tuple[ScalableTarget, Policy] | None:
        """A policy by its ARN, with its target; None if there is none."""
        return next(
            (
                (target, policy)
                for target in self.all_targets()
                for policy in target.policies.values()
                if policy.arn == arn
            ),
            None,
        )

    def activities(self, account: str, region: str) -> list[Activity]:
        """Scaling activities, newest first."""
        with self.lock:
            return list(self._activities.get((account, region), ()))

    def add_activity(self, account: str, region: str, activity: Activity) -> None:
        """Take in a new activity."""
        with self.lock:
            kept = self._activities.setdefault((account, region), deque(maxlen=_ACTIVITIES_KEPT))
            kept.appendleft(activity)
