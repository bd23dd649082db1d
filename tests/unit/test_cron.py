import re

import pytest

from kf_airflow.cron import checked_schedule


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
