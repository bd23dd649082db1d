"""Cron expressions of AWS: minutes, hours, day of month, month, day of week, year.

https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
"""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_DAYS = {name: number for number, name in enumerate(("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"), 1)}
_FIELDS = 6


class ScheduleError(ValueError):
    """A schedule is malformed; the message is the API's."""


@dataclass(frozen=True)
class Cron:
    """A parsed expression.

    Attributes:
        tests: One for each field: whether a moment fits.
    """

    tests: tuple[Callable[[datetime], bool], ...]

    @classmethod
    def parse(cls, body: str) -> "Cron":
        """Read the six fields.

        Raises:
            ScheduleError: They are malformed.
        """
        fields = body.upper().split()
        invalid = ScheduleError(f"Invalid schedule expression: cron({body})")
        # Of the two kinds of days one has to be left open.
        if len(fields) != _FIELDS or (fields[2] == "?") == (fields[4] == "?"):
            raise invalid
        minutes, hours, day, month, weekday, year = fields
        try:
            return cls(
                (
                    _simple(minutes, 0, 59, lambda moment: moment.minute),
                    _simple(hours, 0, 23, lambda moment: moment.hour),
                    _day_of_month(day),
                    _simple(month, 1, 12, lambda moment: moment.month, _MONTHS),
                    _day_of_week(weekday),
                    _simple(year, 1970, 2199, lambda moment: moment.year),
                )
            )
        except ValueError as error:
            raise invalid from error

    def matches(self, moment: datetime) -> bool:
        """Whether it runs in the minute of a moment in its own time zone."""
        return all(test(moment) for test in self.tests)


def _simple(
    text: str,
    low: int,
    high: int,
    value: Callable[[datetime], int],
    names: dict[str, int] | None = None,
) -> Callable[[datetime], bool]:
    if text in {"*", "?"}:
        return lambda _: True
    wanted = _numbers(text, low, high, names or {})
    return lambda moment: value(moment) in wanted


def _numbers(text: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    """Numbers of a list of values, ranges and steps."""
    known = {name.upper(): number for name, number in names.items()}

    def number(word: str) -> int:
        value = known[word] if word in known else int(word)
        if not low <= value <= high:
            raise ValueError(word)
        return value

    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        begin = low if first == "*" else number(first)
        end = number(last) if dash else high if slash or first == "*" else begin
        every = int(step) if slash else 1
        if every < 1:
            raise ValueError(part)
        # A range such as FRI-MON goes over the end.
        stop = end if begin <= end else end + high - low + 1
        found |= {(item - low) % (high - low + 1) + low for item in range(begin, stop + 1, every)}
    return found


def _day_of_month(text: str) -> Callable[[datetime], bool]:
    if text == "L":
        return lambda moment: moment.day == _days_in(moment)
    if text.endswith("W"):
        nearest = _days_in if text == "LW" else _fixed(text[:-1])
        return lambda moment: moment.date() == _weekday_near(moment, nearest(moment))
    return _simple(text, 1, 31, lambda moment: moment.day)


def _fixed(word: str) -> Callable[[datetime], int]:
    day = int(word)
    if not 1 <= day <= 31:
        raise ValueError(word)
    return lambda _: day


def _day_of_week(text: str) -> Callable[[datetime], bool]:
    if text == "L":
        text = "SAT"
    if text.endswith("L"):
        (wanted,) = _numbers(text[:-1], 1, 7, _DAYS)
        return lambda moment: _weekday(moment) == wanted and moment.day + 7 > _days_in(moment)
    if "#" in text:
        word, _, turn = text.partition("#")
        (wanted,), number = _numbers(word, 1, 7, _DAYS), int(turn)
        if not 1 <= number <= 5:
            raise ValueError(text)
        return lambda moment: _weekday(moment) == wanted and (moment.day - 1) // 7 + 1 == number
    return _simple(text, 1, 7, _weekday, _DAYS)


def _weekday(moment: date) -> int:
    """Sunday is 1."""
    return moment.isoweekday() % 7 + 1


def _days_in(moment: date) -> int:
    return calendar.monthrange(moment.year, moment.month)[1]


def _weekday_near(moment: date, day: int) -> date | None:
    """The weekday nearest to a day, in the same month."""
    days = _days_in(moment)
    if day > days:
        return None
    found = date(moment.year, moment.month, day)
    saturday, sunday = 5, 6
    if found.weekday() == saturday:
        day += -1 if day > 1 else 2
    elif found.weekday() == sunday:
        day += 1 if day < days else -2
    return found.replace(day=day)
