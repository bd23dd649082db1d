"""When scheduled actions run."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localstack_dataplane.application_autoscaling.cron import Cron, ScheduleError
from localstack_dataplane.application_autoscaling.schedule import Schedule, scaled_now

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  # a Sunday


def runs(body: str, moment: str) -> bool:
    return Cron.parse(body).matches(datetime.fromisoformat(moment).replace(tzinfo=UTC))


def due(expression: str, minutes: float, zone: str | None = None, **options) -> datetime | None:
    schedule = Schedule.parse(expression, zone)
    return schedule.due(BEGIN, BEGIN + timedelta(minutes=minutes), options.pop("start", BEGIN), **options)


# https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
@pytest.mark.parametrize(
    ("body", "moment", "fits"),
    [
        ("0 10 * * ? *", "2026-03-01T10:00", True),
        ("0 10 * * ? *", "2026-03-01T10:01", False),
        ("15 12 * * ? *", "2026-03-01T12:15", True),
        ("0 18 ? * MON-FRI *", "2026-03-02T18:00", True),
        ("0 18 ? * MON-FRI *", "2026-03-01T18:00", False),
        ("0 8 1 * ? *", "2026-03-01T08:00", True),
        ("0/10 * ? * MON-FRI *", "2026-03-02T18:20", True),
        ("0/10 * ? * MON-FRI *", "2026-03-02T18:25", False),
        ("0/5 8-17 ? * 2-6 *", "2026-03-02T17:55", True),
        ("0 9 ? * 2#1 *", "2026-03-02T09:00", True),
        ("0 9 ? * 2#1 *", "2026-03-09T09:00", False),
        ("0 0 L * ? *", "2026-02-28T00:00", True),
        ("0 0 ? * 6L *", "2026-03-27T00:00", True),
        ("0 0 ? * FRIL *", "2026-03-20T00:00", False),
        ("0 0 1W * ? *", "2026-03-02T00:00", True),
        ("0 0 ? JAN,MAR SUN 2026-2027", "2026-03-01T00:00", True),
        ("0 0 ? * * 2025", "2026-03-01T00:00", False),
        ("0 0 ? * SAT-SUN *", "2026-03-01T00:00", True),
    ],
)
def test_a_cron_expression_fits_its_minutes(body, moment, fits):
    assert runs(body, moment) is fits


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "",
            "at(tomorrow)",
            "at(2026-13-01T00:00:00)",
            "rate(0 minutes)",
            "rate(5 weeks)",
            "every(1 minute)",
        ),
        *("cron(0 10 * * *)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 10 * * ? *)"),
        *("cron(0 10 * * ? x)", "cron(0/0 * * * ? *)", "cron(0 0 ? * 2#6 *)", "cron(0 0 32W * ? *)"),
    ],
)
def test_a_malformed_schedule_is_refused(expression):
    with pytest.raises(ScheduleError, match="Invalid schedule expression"):
        Schedule.parse(expression)


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(ScheduleError, match="Mars"):
        Schedule.parse("rate(1 minute)", "Mars/Olympus")


def test_a_moment_is_due_once():
    expression = "at(2026-03-01T12:05:00)"
    assert (due(expression, 4), due(expression, 5)) == (None, BEGIN + timedelta(minutes=5))
    later = Schedule.parse(expression).due(
        BEGIN + timedelta(minutes=5), BEGIN + timedelta(minutes=9), BEGIN, None
    )
    assert later is None


def test_a_moment_is_in_its_time_zone():
    assert due("at(2026-03-01T07:05:00)", 5, "America/New_York") == BEGIN + timedelta(minutes=5)


def test_a_rate_begins_with_its_start():
    start = BEGIN + timedelta(minutes=2)
    assert [due("rate(5 minutes)", minutes, start=start) for minutes in (1, 2, 8)] == [
        None,
        start,
        start + timedelta(minutes=5),
    ]


def test_a_cron_expression_is_in_its_time_zone():
    assert due("cron(2 7 * * ? *)", 5, "America/New_York") == BEGIN + timedelta(minutes=2)


def test_after_its_end_a_schedule_runs_no_more():
    assert due("cron(* * * * ? *)", 5, end=BEGIN) is None


@given(st.integers(min_value=0, max_value=3000), st.integers(min_value=1, max_value=3000))
def test_looking_often_or_seldom_misses_no_run_and_repeats_none(first, second):
    schedule = Schedule.parse("cron(0/7 * * * ? *)")
    middle, end = BEGIN + timedelta(minutes=first), BEGIN + timedelta(minutes=first + second)
    whole = schedule.due(BEGIN, end, BEGIN)
    after = schedule.due(middle, end, BEGIN)
    assert whole == (after or schedule.due(BEGIN, middle, BEGIN))


def test_the_clock_of_a_schedule_runs_faster_by_the_time_scale():
    assert scaled_now(BEGIN, BEGIN + timedelta(seconds=2), 60) == BEGIN + timedelta(minutes=2)
