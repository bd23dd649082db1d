"""Automated backups.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Cloud, unique, wait_for
from contract_rds import AWS_SECONDS, Database, gone, shared

TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'kept'"


@pytest.fixture(scope="module")
def database(cloud: Cloud) -> Database:
    return shared(cloud)


def automated(database: Database) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = database.rds.describe_db_snapshots(
        DBInstanceIdentifier=database.identifier, SnapshotType="automated"
    )["DBSnapshots"]
    return found


def keep_backups(database: Database, days: int) -> None:
    database.rds.modify_db_instance(
        DBInstanceIdentifier=database.identifier, BackupRetentionPeriod=days, ApplyImmediately=True
    )
    wait_for(
        f"backups are kept for {days} days",
        database.described,
        lambda found: (found["BackupRetentionPeriod"], found["DBInstanceStatus"]) == (days, "available"),
        timeout_seconds=AWS_SECONDS,
        interval_seconds=0.2,
    )


def test_a_new_instance_is_backed_up_before_it_is_available(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
    assert database.statuses == ["creating", "backing-up", "available"]


def test_the_first_backup_is_an_automated_snapshot(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBSnapshot.html
    snapshot = automated(database)[0]

    assert snapshot["DBSnapshotIdentifier"].startswith(f"rds:{database.identifier}-")
    assert (snapshot["Status"], snapshot["PercentProgress"]) == ("available", 100)


def test_an_automated_snapshot_has_the_data_of_its_time(cloud: Cloud, database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
    made = Database(cloud, unique("contract"), database.credentials())
    made.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=made.identifier,
        DBSnapshotIdentifier=automated(database)[0]["DBSnapshotIdentifier"],
        VpcSecurityGroupIds=[cloud.network["group"]],
    )
    try:
        made.wait_for()
        # The database of the instance is in the snapshot, and the table that was made in it later is not.
        assert made.run(f'print(ask(connect(), "{TABLES}")[0][0])') == ["0"]
    finally:
        gone(made)


def test_an_automated_snapshot_cannot_be_deleted_by_hand(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSnapshot.html
    with pytest.raises(ClientError) as error:
        database.rds.delete_db_snapshot(DBSnapshotIdentifier=automated(database)[0]["DBSnapshotIdentifier"])
    assert error.value.response["Error"]["Code"] == "InvalidDBSnapshotState"


def test_backups_that_are_no_longer_kept_are_gone_until_they_are_kept_again(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.Disabling.html
    keep_backups(database, 0)
    assert automated(database) == []

    keep_backups(database, 1)
    wait_for(
        "there is a backup again",
        lambda: automated(database),
        lambda found: [snapshot["Status"] for snapshot in found] == ["available"],
        timeout_seconds=AWS_SECONDS,
        interval_seconds=0.2,
    )
    database.wait_for()
