"""Modifications that wait for the maintenance window, and when that is."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from localstack_dataplane.rds.pending import deferred, in_window, shown

NOW = SimpleNamespace(db_instance_class="db.t4g.micro", allocated_storage=20, multi_az=False)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of a week; day 1 is a Monday."""
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC)


def test_what_is_asked_for_waits() -> None:
    assert deferred({"DBInstanceClass": "db.m7g.large"}, {}, NOW) == {"DBInstanceClass": "db.m7g.large"}


def test_what_is_as_it_was_does_not_wait() -> None:
    assert deferred({"AllocatedStorage": 20, "DBInstanceClass": None}, {}, NOW) == {}


def test_what_waited_goes_on_waiting() -> None:
    assert deferred({"AllocatedStorage": 30}, {"MultiAZ": True}, NOW) == {
        "MultiAZ": True,
        "AllocatedStorage": 30,
    }


def test_what_is_asked_for_as_it_is_no_longer_waits() -> None:
    assert deferred({"MultiAZ": False}, {"MultiAZ": True}, NOW) == {}


def test_what_is_changed_at_once_does_not_wait() -> None:
    assert deferred({"MasterUserPassword": "secret", "BackupRetentionPeriod": 3}, {}, NOW) == {}


def test_what_waits_is_shown_by_the_names_of_the_instance() -> None:
    assert shown({"EnableIAMDatabaseAuthentication": True, "MultiAZ": True}) == {
        "IAMDatabaseAuthenticationEnabled": True,
        "MultiAZ": True,
    }


@pytest.mark.parametrize(
    ("window", "moment", "inside"),
    [
        ("wed:06:38-wed:07:08", at(3, 6, 38), True),
        ("wed:06:38-wed:07:08", at(3, 7, 8), False),
        ("wed:06:38-wed:07:08", at(4, 6, 40), False),
        ("Sun:23:45-Mon:00:15", at(1, 0, 10), True),
        ("Sun:23:45-Mon:00:15", at(7, 23, 50), True),
        ("Sun:23:45-Mon:00:15", at(1, 0, 20), False),
    ],
)
def test_a_window_is_of_a_week(window: str, moment: datetime, inside: bool) -> None:
    assert in_window(window, moment) is inside
