import re

import pytest

from kf_airflow.options.windows import daily_window, overlap, weekly_window


def test_a_daily_window_begins_and_lasts_as_it_says() -> None:
    assert daily_window("key", "03:30-05:00", shortest_minutes=30) == (210, 90)


def test_a_daily_window_may_go_beyond_midnight() -> None:
    assert daily_window("key", "23:30-00:30", shortest_minutes=60) == (1410, 60)


def test_a_weekly_window_may_go_beyond_sunday() -> None:
    assert weekly_window("key", "sun:23:30-mon:00:30", shortest_minutes=30) == (6 * 1440 + 1410, 60)


@pytest.mark.parametrize(
    ("daily", "weekly", "expected"),
    [
        ("03:00-04:00", "sun:03:30-sun:04:30", True),
        ("03:00-04:00", "sun:04:00-sun:05:00", False),
        ("23:30-00:30", "mon:00:00-mon:01:00", True),
        ("00:00-01:00", "sun:23:30-mon:00:30", True),
        ("23:00-23:30", "sun:23:30-mon:00:30", False),
    ],
)
def test_windows_overlap_when_they_share_a_minute(daily: str, weekly: str, expected: bool) -> None:
    spans = daily_window("d", daily, shortest_minutes=30), weekly_window("w", weekly, shortest_minutes=30)

    assert overlap(*spans) is expected


@pytest.mark.parametrize("value", ["3:00-4:00", "03:00-03:10", "24:00-25:00", "03:00", "sun:03:00-sun:04:00"])
def test_what_is_no_daily_window_is_refused(value: str) -> None:
    message = f"key is {value!r}: allowed is a daily window in UTC such as 03:00-04:00, of 30 minutes or more"

    with pytest.raises(ValueError, match=re.escape(message)):
        daily_window("key", value, shortest_minutes=30)


@pytest.mark.parametrize("value", ["Sun:03:00-Sun:04:00", "sun:03:00-sun:03:20", "03:00-04:00"])
def test_what_is_no_weekly_window_is_refused(value: str) -> None:
    message = f"key is {value!r}: allowed is a weekly window in UTC such as sun:05:00-sun:06:00"

    with pytest.raises(ValueError, match=re.escape(message)):
        weekly_window("key", value, shortest_minutes=30)
