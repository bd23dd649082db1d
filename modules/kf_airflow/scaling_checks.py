"""Whether what an autoscaler is told goes together."""

from __future__ import annotations

from collections.abc import Mapping

from kf_airflow.checks import between
from kf_airflow.metric import Metric
from kf_airflow.options import QueueScaling, Schedule, UtilizationScaling
from kf_airflow.options.fargate import MOST_TASKS
from kf_airflow.refs import ServiceRef


def checked_ranges(
    policy: QueueScaling | UtilizationScaling,
    *,
    min_count: int,
    max_count: int,
    schedules: Mapping[str, Schedule],
) -> dict[str, tuple[int, int]]:
    """Returns the fewest and the most tasks from each schedule on, by name.

    Raises:
        ValueError: if a range is none, or one of `UtilizationScaling` would end with a service that has no
            tasks, and so no utilization, for ever.
    """
    between("max_count", max_count, 1, MOST_TASKS)
    between("min_count", min_count, 0, max_count)
    ranges = {
        name: schedule.counts(name, lowest=min_count, highest=max_count)
        for name, schedule in schedules.items()
    }
    if isinstance(policy, QueueScaling):
        return ranges
    reason = "as a service that has no tasks has no utilization to go by"
    if min_count == 0:
        raise ValueError(f"min_count is 0: allowed are 1 to {max_count}, {reason}")
    for name, (fewest, most) in ranges.items():
        if fewest == 0 and most > 0:
            raise ValueError(
                f"min_count of the schedule {name!r} is 0: allowed are 1 to {most}, or 0 with a max_count of "
                f"0, {reason}"
            )
    return ranges


def check_policy(
    policy: QueueScaling | UtilizationScaling,
    service: ServiceRef,
    *,
    missing: Metric | None,
    load_balancer_arn: str | None,
) -> None:
    """Refuses what a policy has no use for, and a policy that lacks what it goes by."""
    if isinstance(policy, QueueScaling):
        return
    if missing is not None:
        raise ValueError(f"missing is {missing.name!r}: allowed with QueueScaling alone")
    if policy.requests_per_minute is None:
        return
    for key, value in (
        ("load_balancer_arn", load_balancer_arn),
        ("target_group_arn of the service", service.target_group_arn),
    ):
        if value is None:
            raise ValueError(
                f"{key} is None: allowed is an ARN, as requests_per_minute is {policy.requests_per_minute}"
            )
