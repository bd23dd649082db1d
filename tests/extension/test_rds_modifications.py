"""Modifications: at once, or in the maintenance window.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from contract import ENDPOINT, IN_AWS, Cloud, wait_for
from contract_rds import AWS_SECONDS, Database, shared

only_here = pytest.mark.skipif(IN_AWS, reason="AWS opens the window once a week")


@pytest.fixture
def database(cloud: Cloud) -> Iterator[Database]:
    """An instance that nothing waits for, afterwards either."""
    database = shared(cloud)
    yield database
    database.wait_for()
    modify(database, now=True, AllocatedStorage=database.described()["AllocatedStorage"])
    wait_until(database, PendingModifiedValues={}, DBInstanceStatus="available")


def modify(database: Database, *, now: bool = False, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = database.rds.modify_db_instance(
        DBInstanceIdentifier=database.identifier, ApplyImmediately=now, **changes
    )["DBInstance"]
    return answer


def wait_until(database: Database, **members: Any) -> dict[str, Any]:
    return wait_for(
        f"{database.identifier} has {members}",
        database.described,
        lambda found: all(found[name] == value for name, value in members.items()),
        timeout_seconds=AWS_SECONDS,
        interval_seconds=0.2,
    )


def test_a_modification_waits_for_the_maintenance_window(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingModifiedValues.html
    before = database.described()
    storage = before["AllocatedStorage"] + 10

    answer = modify(database, AllocatedStorage=storage)

    assert answer["PendingModifiedValues"] == {"AllocatedStorage": storage}
    found = database.described()
    assert found["PendingModifiedValues"] == {"AllocatedStorage": storage}
    assert (found["AllocatedStorage"], found["DBInstanceStatus"]) == (
        before["AllocatedStorage"],
        "available",
    )


def test_what_waits_is_applied_with_what_is_applied_immediately(database: Database) -> None:
    storage = database.described()["AllocatedStorage"] + 10
    modify(database, AllocatedStorage=storage)

    modify(database, now=True, CopyTagsToSnapshot=True)

    found = wait_until(database, AllocatedStorage=storage, DBInstanceStatus="available")
    assert found["PendingModifiedValues"] == {}


def test_what_does_not_wait_is_changed_at_once(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
    modify(database, CopyTagsToSnapshot=False)

    found = wait_until(database, CopyTagsToSnapshot=False)
    assert found["PendingModifiedValues"] == {}


@only_here
def test_the_maintenance_window_applies_what_waits(database: Database) -> None:
    before = database.described()
    other = {"db.t4g.micro": "db.t4g.small"}.get(before["DBInstanceClass"], "db.t4g.micro")
    modify(database, DBInstanceClass=other)
    assert database.described()["DBInstanceClass"] == before["DBInstanceClass"]

    answer = requests.post(
        f"{ENDPOINT}/_dataplane/maintenance-window",
        json={"instance": before["DBInstanceArn"]},
        timeout=10,
    )

    assert answer.json() == {"applied": ["DBInstanceClass"]}
    found = wait_until(database, DBInstanceClass=other, DBInstanceStatus="available")
    assert found["PendingModifiedValues"] == {}
