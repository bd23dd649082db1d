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
from contract_rds import AWS_SECONDS, Database, create, gone

PASSWORD = "first-Passw0rd"
ROWS = 'print(ask(connect(), "SELECT count(*) FROM kept")[0][0])'


@pytest.fixture(scope="module")
def database(cloud: Cloud) -> Iterator[Database]:
    """An instance with a table of three rows; a test deletes it."""
    made = create(cloud, MasterUserPassword=PASSWORD)
    made.wait_for()
    made.run('ask(connect(), "CREATE TABLE kept AS SELECT generate_series(1, 3)")')
    yield made
    with suppress(ClientError):
        gone(made)


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
    """A snapshot of the table with three rows; there are four since."""
    name = unique("contract")
    made = cloud.client("rds").create_db_snapshot(
        DBInstanceIdentifier=database.identifier, DBSnapshotIdentifier=name
    )["DBSnapshot"]
    assert made["Status"] == "creating"
    assert complete(cloud, name)["PercentProgress"] == 100
    database.wait_for()
    database.run('ask(connect(), "INSERT INTO kept VALUES (4)")')
    return name


def restored(cloud: Cloud, snapshot: str) -> list[str]:
    """Restores a snapshot; returns how many rows there are in the new instance."""
    copy = Database(cloud, unique("contract"), PASSWORD)
    copy.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=copy.identifier,
        DBSnapshotIdentifier=snapshot,
        DBInstanceClass="db.t4g.micro",
        VpcSecurityGroupIds=[cloud.network["group"]],
    )
    try:
        assert copy.described()["DBInstanceStatus"] == "creating"
        copy.wait_for()
        return copy.run(ROWS)
    finally:
        gone(copy)


def test_a_restored_instance_has_the_data_of_its_snapshot(cloud: Cloud, snapshot: str) -> None:
    assert restored(cloud, snapshot) == ["3"]


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


def test_a_final_snapshot_outlives_its_instance(cloud: Cloud, database: Database, snapshot: str) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html
    name = unique("contract")
    database.rds.delete_db_instance(DBInstanceIdentifier=database.identifier, FinalDBSnapshotIdentifier=name)
    assert database.statuses_until("deleting") == ["deleting"]
    database.rds.get_waiter("db_instance_deleted").wait(
        DBInstanceIdentifier=database.identifier, WaiterConfig={"Delay": 1, "MaxAttempts": AWS_SECONDS}
    )
    complete(cloud, name)
    assert restored(cloud, name) == ["4"]
