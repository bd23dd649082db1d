"""DB snapshots keep the data.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_CreateSnapshot.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RestoreFromSnapshot.html
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Cloud, unique
from contract_rds import AWS_SECONDS, Database, gone, shared

ROWS = 'print(ask(connect(), "SELECT count(*) FROM kept")[0][0])'


@pytest.fixture(scope="module")
def database(cloud: Cloud) -> Database:
    return shared(cloud)


def complete(cloud: Cloud, name: str) -> dict[str, Any]:
    """Waits for a snapshot, and removes it at the end of the suite."""
    rds = cloud.client("rds")
    cloud.finally_do(rds.delete_db_snapshot, DBSnapshotIdentifier=name)
    rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier=name, WaiterConfig={"Delay": 1, "MaxAttempts": AWS_SECONDS}
    )
    found: dict[str, Any] = rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]
    return found


@pytest.fixture(scope="module")
def snapshot(cloud: Cloud, database: Database) -> str:
    """A snapshot of a table with one row; there are two since."""
    name = unique("contract")
    made = cloud.client("rds").create_db_snapshot(
        DBInstanceIdentifier=database.identifier, DBSnapshotIdentifier=name
    )["DBSnapshot"]
    assert made["Status"] == "creating"
    assert complete(cloud, name)["PercentProgress"] == 100
    database.wait_for()
    database.run('ask(connect(), "INSERT INTO kept VALUES (2)")')
    return name


@pytest.fixture(scope="module")
def restored(cloud: Cloud, database: Database, snapshot: str) -> Iterator[Database]:
    """An instance made of the snapshot, with one zone and the password of that time."""
    made = restore(cloud, snapshot, database.credentials())
    yield made
    with suppress(ClientError):
        gone(made)


def restore(cloud: Cloud, snapshot: str, password: str) -> Database:
    """Restores a snapshot."""
    made = Database(cloud, unique("contract"), password)
    made.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=made.identifier,
        DBSnapshotIdentifier=snapshot,
        DBInstanceClass="db.t4g.micro",
        VpcSecurityGroupIds=[cloud.network["group"]],
    )
    assert made.described()["DBInstanceStatus"] == "creating"
    made.wait_for()
    return made


def test_a_restored_instance_has_the_data_of_its_snapshot(restored: Database) -> None:
    assert restored.run(ROWS) == ["1"]


def test_an_instance_without_standby_does_not_fail_over(restored: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        restored.rds.reboot_db_instance(DBInstanceIdentifier=restored.identifier, ForceFailover=True)
    assert restored.described()["DBInstanceStatus"] == "available"


def test_a_point_in_time_restore_has_the_data_of_its_source(cloud: Cloud, database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html
    source = database.run(ROWS)
    made = Database(cloud, unique("contract"), database.credentials())
    made.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=database.identifier,
        TargetDBInstanceIdentifier=made.identifier,
        UseLatestRestorableTime=True,
        VpcSecurityGroupIds=[cloud.network["group"]],
    )
    try:
        made.wait_for()
        assert made.run(ROWS) == source
    finally:
        gone(made)


def test_a_second_snapshot_of_the_same_name_is_refused(database: Database, snapshot: str) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
    with pytest.raises(ClientError, match="DBSnapshotAlreadyExists"):
        database.rds.create_db_snapshot(
            DBInstanceIdentifier=database.identifier, DBSnapshotIdentifier=snapshot
        )


@pytest.mark.parametrize("operation", ["describe_db_snapshots", "delete_db_snapshot"])
def test_a_snapshot_that_is_not_there_is_not_found(cloud: Cloud, operation: str) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSnapshot.html
    with pytest.raises(ClientError) as error:
        getattr(cloud.client("rds"), operation)(DBSnapshotIdentifier="no-such-snapshot")
    assert error.value.response["Error"]["Code"] == "DBSnapshotNotFound"


def test_a_final_snapshot_outlives_its_instance(cloud: Cloud, restored: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html
    restored.run('ask(connect(), "INSERT INTO kept VALUES (3), (4)")')
    name = unique("contract")
    restored.rds.delete_db_instance(DBInstanceIdentifier=restored.identifier, FinalDBSnapshotIdentifier=name)
    assert restored.described()["DBInstanceStatus"] == "deleting"
    restored.rds.get_waiter("db_instance_deleted").wait(
        DBInstanceIdentifier=restored.identifier, WaiterConfig={"Delay": 1, "MaxAttempts": AWS_SECONDS}
    )
    complete(cloud, name)
    again = restore(cloud, name, restored.credentials())
    try:
        assert again.run(ROWS) == ["3"]
    finally:
        gone(again)
