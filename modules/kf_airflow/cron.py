"""When scheduled actions of Application Auto Scaling run: `cron(...)` and `at(...)`.

https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aws_croniter import AwsCroniter

_CRON = re.compile(r"cron\((.*)\)")
_NUMBER = re.compile(r"[0-9]{1,4}")
_AT = re.compile(r"at\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\)")

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class _Field:
    name: str
    lowest: int
    highest: int
    words: tuple[str, ...] = ()
    # What may stand there besides numbers, words, and how they are combined.
    also: re.Pattern[str] | None = None

    def takes(self, text: str) -> bool:
        if self.also is not None and self.also.fullmatch(text):
            return True
        return all(self._takes_part(part) for part in text.split(","))

    def _takes_part(self, part: str) -> bool:
        span, slash, step = part.partition("/")
        if slash and not (_NUMBER.fullmatch(step) and 1 <= int(step) <= self.highest):
            return False
        if span == "*":
            return True
        ends = [self._number(end) for end in span.split("-")]
        if len(ends) > 2 or None in ends:
            return False
        first, last = ends[0], ends[-1]
        return first is not None and last is not None and first <= last

    def _number(self, text: str) -> int | None:
        if text.upper() in self.words:
            return self.words.index(text.upper()) + self.lowest
        return int(text) if _NUMBER.fullmatch(text) and self.lowest <= int(text) <= self.highest else None


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31, also=re.compile(r"\?|L|(?:[1-9]|[12]\d|3[01])W")),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 1, 7, _DAYS, also=re.compile(rf"\?|L|(?:[1-7]|{'|'.join(_DAYS)})(?:L|#[1-5])")),
    _Field("year", 1970, 2199),
)
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4


def checked_schedule(key: str, value: str) -> str:
    """Returns `value` if it says when a scheduled action runs.

    Raises:
        ValueError: if it does not.
    """
    if match := _AT.fullmatch(value):
        try:
            datetime.fromisoformat(match[1])
        except ValueError as error:
            raise ValueError(f"{key} is {value!r}: allowed is a time that there is ({error})") from error
        return value
    fields = match[1].split() if (match := _CRON.fullmatch(value)) else []
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"{key} is {value!r}: allowed are cron(minute hour day-of-month month day-of-week year), such as "
            "cron(0 20 ? * MON-FRI *), and at(2027-01-31T20:00:00)"
        )
    for field, text in zip(_FIELDS, fields, strict=True):
        if not field.takes(text):
            raise ValueError(
                f"{key} is {value!r}, whose {field.name} is {text!r}: allowed are {field.lowest} to "
                f"{field.highest}, *, and what AWS combines them to"
            )
    if (fields[_DAY_OF_MONTH] == "?") is (fields[_DAY_OF_WEEK] == "?"):
        raise ValueError(
            f"{key} is {value!r}: allowed is ? for either the day of the month or the day of the week, "
            "and for one of them alone"
        )
    return value


def runs(schedule: str, timezone: str, *, begin: datetime, end: datetime) -> list[datetime]:
    """Returns when a checked schedule runs between two moments, in UTC.

    Args:
        schedule: What `checked_schedule` has returned.
        timezone: Whose time it is in.
        begin: The first moment.
        end: The last moment.
    """
    zone = _zone(timezone)
    if match := _AT.fullmatch(schedule):
        moments = [datetime.fromisoformat(match[1])]
    else:
        # It knows no time zone but UTC, so it is asked in the zone's own time, as though that were UTC.
        first, last = (moment.astimezone(zone).replace(tzinfo=UTC) for moment in (begin, end))
        fields = schedule.removeprefix("cron(").removesuffix(")").upper().split()
        moments = AwsCroniter(" ".join(fields)).get_all_schedule_bw_dates(first, last)
    found = (moment.replace(tzinfo=zone).astimezone(UTC) for moment in moments)
    return [moment for moment in found if begin <= moment <= end]


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        # There is none on a computer without tzdata, where `Schedule` cannot check the name either; the
        # time between two runs in the same zone is the same in UTC.
        return UTC
