"""The life of a DB instance: creation, reboot, failover, deletion.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html (statuses)
"""

import pytest
from botocore.exceptions import ClientError
from contract import Cloud, unique, wait_for
from contract_rds import AWS_SECONDS, WATCH, Database, shared


@pytest.fixture
def database(cloud: Cloud) -> Database:
    return shared(cloud)


def refused(code: str) -> "pytest.RaisesExc[ClientError]":
    """Expects an error of the API."""
    return pytest.raises(ClientError, check=lambda error: error.response["Error"]["Code"] == code)


def test_an_instance_is_creating_and_then_available(database: Database) -> None:
    # Between the two AWS may back it up, and more.
    assert (database.statuses[0], database.statuses[-1]) == ("creating", "available")


def test_a_multi_az_instance_has_its_standby_in_another_zone(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
    described = database.described()
    assert described["SecondaryAvailabilityZone"] != described["AvailabilityZone"]


def test_a_wrong_password_is_refused_as_postgresql_does(database: Database) -> None:
    # https://www.postgresql.org/docs/16/auth-password.html
    lines = database.run(
        "try:\n    connect()\nexcept psycopg2.OperationalError as error:\n    print(error)", password="wrong"
    )
    assert 'FATAL:  password authentication failed for user "contract"' in "\n".join(lines)


def test_a_connection_without_tls_is_refused(database: Database) -> None:
    # rds.force_ssl is 1 from version 15 on:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
    lines = database.run(
        "try:\n    connect(sslmode='disable')\nexcept psycopg2.OperationalError as error:\n    print(error)"
    )
    assert "FATAL:  no pg_hba.conf entry for host" in "\n".join(lines)


def test_a_reboot_ends_connections_and_keeps_data(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_RebootInstance.html
    watch = database.start(WATCH)
    answer = database.rds.reboot_db_instance(DBInstanceIdentifier=database.identifier)

    assert answer["DBInstance"]["DBInstanceStatus"] == "rebooting"
    assert database.statuses_until("available") == ["rebooting", "available"]
    lines = database.finish(watch)
    assert [line.split(":")[0] for line in lines][:2] == ["connected", "broken"]
    assert lines[-1] == "back: 1"


def test_an_instance_that_reboots_cannot_be_rebooted(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RebootDBInstance.html
    database.rds.reboot_db_instance(DBInstanceIdentifier=database.identifier)
    try:
        with refused("InvalidDBInstanceState"):
            database.rds.reboot_db_instance(DBInstanceIdentifier=database.identifier)
    finally:
        database.wait_for()


def test_a_failover_ends_connections_and_moves_to_the_other_zone(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html
    before = database.described()
    watch = database.start(WATCH)
    database.rds.reboot_db_instance(DBInstanceIdentifier=database.identifier, ForceFailover=True)

    assert database.statuses_until("available") == ["rebooting", "available"]
    lines = database.finish(watch)
    assert [line.split(":")[0] for line in lines][:2] == ["connected", "broken"]
    assert lines[-1] == "back: 1"
    after = database.described()
    assert after["AvailabilityZone"] == before["SecondaryAvailabilityZone"]
    assert after["Endpoint"]["Address"] == before["Endpoint"]["Address"]


def test_another_class_restarts_the_server(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
    watch = database.start(WATCH)
    database.rds.modify_db_instance(
        DBInstanceIdentifier=database.identifier, DBInstanceClass="db.t4g.small", ApplyImmediately=True
    )

    wait_for(
        "the instance has its new class",
        database.described,
        lambda found: found["DBInstanceClass"] == "db.t4g.small",
        timeout_seconds=AWS_SECONDS,
    )
    assert database.statuses_until("available")[-1] == "available"
    assert database.finish(watch)[-1] == "back: 1"


def test_deletion_says_what_becomes_of_the_data(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
    with refused("InvalidParameterCombination"):
        database.rds.delete_db_instance(DBInstanceIdentifier=database.identifier)
    with refused("InvalidParameterCombination"):
        database.rds.delete_db_instance(
            DBInstanceIdentifier=database.identifier,
            SkipFinalSnapshot=True,
            FinalDBSnapshotIdentifier=unique("contract"),
        )


def test_a_second_instance_of_the_same_name_is_refused(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    with refused("DBInstanceAlreadyExists"):
        database.rds.create_db_instance(
            DBInstanceIdentifier=database.identifier,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="contract",
            MasterUserPassword="first-Passw0rd",
        )


@pytest.mark.parametrize(
    "operation", ["describe_db_instances", "reboot_db_instance", "modify_db_instance", "start_db_instance"]
)
def test_an_instance_that_is_not_there_is_not_found(cloud: Cloud, operation: str) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
    with refused("DBInstanceNotFound"):
        getattr(cloud.client("rds"), operation)(DBInstanceIdentifier="no-such-instance")
