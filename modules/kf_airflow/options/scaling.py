"""By what, how fast and when the number of a service's tasks changes."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass

from kf_airflow.checks import between
from kf_airflow.cron import checked_schedule
from kf_airflow.tables import Table

# An alarm looks back no further than a day.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
_MINUTES_A_DAY = 24 * 60
_LONGEST_COOLDOWN_SECONDS = 3600

# As lower-case paths of constructs and names of scheduled actions have them.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class QueueScaling(Table):
    """How the number of workers follows what waits in their queues: out at once, in slowly.

    Args:
        scale_in_minutes: For how long there have to be more workers than needed, all the time, before those
            too many are stopped, 1 to 1440 min. 5 if left out, as KEDA's `cooldownPeriod`
            (https://keda.sh/docs/latest/reference/scaledobject-spec).
        scale_in_cooldown_seconds: How long after that no more are stopped, 0 to 3600 s. 300, Application Auto
            Scaling's own, if left out.
        scale_out_cooldown_seconds: For how long the workers last added count as not there yet, 0 to 3600 s.
            30 if left out: the metric knows of them after its next publication, 10 s, and the alarm after
            another 10.

    Raises:
        ValueError: if a value is not allowed.
    """

    scale_in_minutes: int = 5
    scale_in_cooldown_seconds: int = 300
    scale_out_cooldown_seconds: int = 30

    def __post_init__(self) -> None:
        between("scale_in_minutes", self.scale_in_minutes, 1, _MINUTES_A_DAY)
        _check_cooldowns(self.scale_in_cooldown_seconds, self.scale_out_cooldown_seconds)


@dataclass(frozen=True, kw_only=True)
class UtilizationScaling(Table):
    """How the number of tasks follows what they are used for: target tracking.

    Application Auto Scaling adds tasks after some three minutes above a target, and takes some away after
    fifteen below all of them.

    Args:
        cpu_percent: What share of their CPU the tasks are to use on average, 1 to 100. If left out, 70, or
            nothing in particular if `requests_per_minute` is given: what is left has to last until a new
            task serves.
        requests_per_minute: How many requests a minute each task is to get from the load balancer. Nothing in
            particular if left out.
        scale_in_cooldown_seconds: How long after tasks were taken away no more are, 0 to 3600 s. 300,
            Application Auto Scaling's own, if left out.
        scale_out_cooldown_seconds: For how long the tasks last added count as not there yet, 0 to 3600 s. 120
            if left out, which a new task may take to serve.

    Raises:
        ValueError: if a value is not allowed.
    """

    cpu_percent: int | None = None
    requests_per_minute: int | None = None
    scale_in_cooldown_seconds: int = 300
    scale_out_cooldown_seconds: int = 120

    def __post_init__(self) -> None:
        if self.cpu_percent is not None:
            between("cpu_percent", self.cpu_percent, 1, 100)
        if self.requests_per_minute is not None and self.requests_per_minute < 1:
            raise ValueError(f"requests_per_minute is {self.requests_per_minute}: allowed are 1 and more")
        _check_cooldowns(self.scale_in_cooldown_seconds, self.scale_out_cooldown_seconds)

    @property
    def cpu_target(self) -> int | None:
        """The share of CPU that is tracked, in percent; None if none is."""
        return 70 if self.cpu_percent is None and self.requests_per_minute is None else self.cpu_percent


@dataclass(frozen=True, kw_only=True)
class Schedule(Table):
    """A moment, or a recurring one, from which the number of tasks has another range.

    Args:
        schedule: When, as Application Auto Scaling writes it: `cron(0 20 ? * MON-FRI *)` with minute, hour,
            day of the month, month, day of the week and year, or `at(2027-01-31T20:00:00)`.
        timezone: Whose time that is, such as `America/New_York`. UTC if left out.
        min_count: The fewest tasks from then on. The service's `min_count` if left out.
        max_count: The most tasks from then on, no more than the service's `max_count`. That if left out. A
            queue may be left without workers by it (0) for less time than a task may wait there: 24 h, or
            what `task_queued_retries` and `task_queued_timeout_seconds` make of it.

    Raises:
        ValueError: if a value is not allowed.
    """

    schedule: str
    timezone: str = "UTC"
    min_count: int | None = None
    max_count: int | None = None

    def __post_init__(self) -> None:
        checked_schedule("schedule", self.schedule)
        # There is no list on a computer without tzdata.
        known = zoneinfo.available_timezones()
        if known and self.timezone not in known:
            raise ValueError(
                f"timezone is {self.timezone!r}: allowed are names of time zones such as America/New_York"
            )

    def counts(self, name: str, *, lowest: int, highest: int) -> tuple[int, int]:
        """Returns the fewest and the most tasks from then on.

        Args:
            name: What it is called.
            lowest: The fewest of the service.
            highest: The most of the service.

        Raises:
            ValueError: if the name cannot be that of a scheduled action, or they are no range within 0 and
                the most of the service.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"schedules has {name!r}: allowed are names of at most 64 letters, digits, hyphens and "
                "underscores, none of the two first"
            )
        most = highest if self.max_count is None else self.max_count
        fewest = lowest if self.min_count is None else self.min_count
        if not 0 <= most <= highest:
            raise ValueError(
                f"max_count of the schedule {name!r} is {most}: allowed are 0 to {highest}, its service's"
            )
        if not 0 <= fewest <= most:
            raise ValueError(
                f"min_count of the schedule {name!r} is {fewest}: allowed are 0 to {most}, which is its "
                "max_count"
            )
        return fewest, most


def _check_cooldowns(scale_in: int, scale_out: int) -> None:
    between("scale_in_cooldown_seconds", scale_in, 0, _LONGEST_COOLDOWN_SECONDS)
    between("scale_out_cooldown_seconds", scale_out, 0, _LONGEST_COOLDOWN_SECONDS)
