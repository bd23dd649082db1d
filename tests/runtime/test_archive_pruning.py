from datetime import UTC, datetime, timedelta

from kf_airflow_runtime.archive_pruning import candidates, without_reference
from kf_airflow_runtime.archive_store import Stored

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def put(version: str, *, days_ago: float) -> Stored:
    return Stored(version, NOW - timedelta(days=days_ago))


def old(*stored: Stored, current: str = "current") -> list[str]:
    found = candidates(stored, current=current, retention_days=30, now=NOW)
    return [archive.version for archive in found]


def test_an_archive_goes_when_it_is_older_than_the_retention() -> None:
    assert old(put("old", days_ago=30.1), put("new", days_ago=29.9)) == ["old"]


def test_the_current_one_stays_however_old_it_is() -> None:
    assert old(put("current", days_ago=3000)) == []


def test_one_that_is_referred_to_stays() -> None:
    found = [put("needed", days_ago=100), put("unused", days_ago=100)]

    assert [archive.version for archive in without_reference(found, {"needed"})] == ["unused"]
