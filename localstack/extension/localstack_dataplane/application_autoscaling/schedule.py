"""When a scheduled action runs: at(...), rate(...) and cron(...).

https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from localstack_dataplane.application_autoscaling.cron import Cron, ScheduleError

_EXPRESSION = re.compile(r"^(at|rate|cron)\((.*)\)$")
_RATE = re.compile(r"^([1-9]\d*) (minute|hour|day)s?$")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_MINUTE = timedelta(minutes=1)


def zone(name: str | None) -> tzinfo:
    """A time zone by its name; UTC if left out.

    Raises:
        ScheduleError: There is none of this name.
    """
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ScheduleError(f"Invalid time zone: {name}") from error


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A parsed schedule; exactly one of the three is there.

    Attributes:
        at: A moment.
        rate: Time between two runs.
        cron: Moments by their fields, in `zone`.
        zone: Time zone.
    """

    at: datetime | None = None
    rate: timedelta | None = None
    cron: Cron | None = None
    zone: tzinfo = UTC

    @classmethod
    def parse(cls, expression: str, timezone: str | None = None) -> "Schedule":
        """Read an expression.

        Raises:
            ScheduleError: It is not one of the three forms.
        """
        place = zone(timezone)
        match = _EXPRESSION.match(expression.strip())
        if match is None:
            raise ScheduleError(f"Invalid schedule expression: {expression}")
        kind, body = match.groups()
        if kind == "at":
            try:
                moment = datetime.strptime(body, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=place)
            except ValueError as error:
                raise ScheduleError(f"Invalid schedule expression: {expression}") from error
            return cls(at=moment, zone=place)
        if kind == "rate":
            rate = _RATE.match(body)
            if rate is None:
                raise ScheduleError(f"Invalid schedule expression: {expression}")
            return cls(rate=int(rate[1]) * _UNITS[rate[2]], zone=place)
        return cls(cron=Cron.parse(body), zone=place)

    def due(
        self, after: datetime, until: datetime, start: datetime, end: datetime | None = None
    ) -> datetime | None:
        """The last moment in a span at which it runs; None if there is none.

        Args:
            after: Begin of the span, which does not belong to it.
            until: End of the span, which does.
            start: Before this it does not run; a rate counts from here.
            end: After this a recurring one no longer runs; None for never.
        """
        if self.at is not None:
            return self.at if after < self.at <= until else None
        last = until if end is None else min(until, end)
        if last < start:
            return None
        if self.rate is not None:
            found = start + (last - start) // self.rate * self.rate
            return found if after < found else None
        return self._last_cron(max(after, start - timedelta(microseconds=1)), last)

    def _last_cron(self, after: datetime, until: datetime) -> datetime | None:
        assert self.cron is not None  # noqa: S101 - of three forms the last
        # In UTC, minute by minute, so that summer time neither repeats nor skips what UTC has once. A span is
        # what has passed since the last look: minutes, or with a large time scale hours.
        moment = until.astimezone(UTC).replace(second=0, microsecond=0)
        while moment > after:
            if self.cron.matches(moment.astimezone(self.zone)):
                return moment
            moment -= _MINUTE
        return None


def scaled_now(since: datetime, moment: datetime, scale: float) -> datetime:
    """The time that a schedule's clock shows: since the action was made it runs faster by the time scale."""
    return since + (moment - since) * scale
