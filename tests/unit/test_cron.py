import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest

from kf_airflow import cron
from kf_airflow.cron import checked_schedule, runs


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 20 ? * MON-FRI *)",
        "cron(0/5 * * * ? *)",
        "cron(0,30 6-8 L JAN,jul ? 2027-2030)",
        "cron(15 12 15W * ? *)",
        "cron(0 8 ? * 6#3 *)",
        "cron(0 8 ? * FRIL *)",
        "at(2028-02-29T20:00:00)",
    ],
)
def test_what_aws_takes_is_taken(schedule: str) -> None:
    assert checked_schedule("schedule", schedule) == schedule


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ("0 20 * * *", "schedule is '0 20 * * *': allowed are cron(minute hour day-of-month month"),
        ("cron(0 20 * * *)", "schedule is 'cron(0 20 * * *)': allowed are cron(minute hour"),
        ("rate(5 minutes)", "schedule is 'rate(5 minutes)': allowed are cron("),
        ("cron(60 20 ? * MON *)", "whose minute is '60': allowed are 0 to 59"),
        ("cron(0 24 ? * MON *)", "whose hour is '24': allowed are 0 to 23"),
        ("cron(0 8-6 ? * MON *)", "whose hour is '8-6'"),
        ("cron(0 8-9-10 ? * MON *)", "whose hour is '8-9-10'"),
        ("cron(0/0 8 ? * MON *)", "whose minute is '0/0'"),
        ("cron(0 8 32 * ? *)", "whose day of the month is '32': allowed are 1 to 31"),
        ("cron(0 8 ? MAI MON *)", "whose month is 'MAI': allowed are 1 to 12"),
        ("cron(0 8 ? * 0 *)", "whose day of the week is '0': allowed are 1 to 7"),
        ("cron(0 8 ? * MON 1969)", "whose year is '1969': allowed are 1970 to 2199"),
        ("cron(0 8 ? * ? *)", "allowed is ? for either the day of the month or the day of the week"),
        ("cron(0 8 * * MON *)", "allowed is ? for either the day of the month or the day of the week"),
        ("at(2027-02-29T20:00:00)", "allowed is a time that there is (day is out of range for month)"),
        ("cron(99999 8 ? * MON *)", "whose minute is '99999'"),
        ("cron(\u0663 8 ? * MON *)", "whose minute is"),
        ("at(2027-02-28 20:00)", "schedule is 'at(2027-02-28 20:00)': allowed are cron("),
    ],
)
def test_what_aws_refuses_is_refused_with_what_is_allowed(schedule: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        checked_schedule("schedule", schedule)


def run_times(schedule: str, timezone: str = "UTC", *, begin: str = "2026-08-01", end: str) -> list[str]:
    first, last = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (begin, end))
    found = runs(checked_schedule("schedule", schedule), timezone, begin=first, end=last)
    return [f"{moment:%m-%d %H:%M}" for moment in found]


@pytest.mark.parametrize(
    ("schedule", "moments"),
    [
        ("cron(30 20 ? * MON-TUE *)", ["08-03 20:30", "08-04 20:30", "08-10 20:30", "08-11 20:30"]),
        ("cron(0  20  ?  *  sat  *)", ["08-01 20:00", "08-08 20:00"]),
        ("cron(0 0/12 2 * ? *)", ["08-02 00:00", "08-02 12:00"]),
        ("cron(0 8 ? * 2#2 *)", ["08-10 08:00"]),
        ("cron(0 8 8W * ? *)", ["08-07 08:00"]),
        ("cron(0 8 1 * ? 2027)", []),
        ("at(2026-08-04T20:00:00)", ["08-04 20:00"]),
        ("at(2026-09-04T20:00:00)", []),
    ],
)
def test_a_schedule_runs_when_aws_says(schedule: str, moments: list[str]) -> None:
    assert run_times(schedule, end="2026-08-14") == moments


@pytest.mark.parametrize("schedule", ["cron(0 8 L * ? *)", "cron(0 8 ? * MONL *)", "cron(0 8 ? * 2L *)"])
def test_the_last_day_of_a_month_is_found(schedule: str) -> None:
    assert run_times(schedule, end="2026-09-01") == ["08-31 08:00"]


@pytest.mark.parametrize("schedule", ["cron(0 20 ? * FRI *)", "at(2026-08-07T20:00:00)"])
def test_the_time_is_that_of_the_zone(schedule: str) -> None:
    assert run_times(schedule, "America/New_York", begin="2026-08-02", end="2026-08-10") == ["08-08 00:00"]


def test_summer_time_moves_a_schedule_in_utc() -> None:
    assert run_times("cron(0 20 ? * SAT *)", "America/New_York", begin="2026-10-31", end="2026-11-09") == [
        "11-01 00:00",
        "11-08 01:00",
    ]


def test_without_tzdata_times_are_taken_for_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(cron, "ZoneInfo", unknown)

    assert run_times("cron(0 20 ? * FRI *)", "America/New_York", end="2026-08-10") == ["08-07 20:00"]
