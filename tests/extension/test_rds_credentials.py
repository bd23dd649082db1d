"""The master password: in a secret that RDS manages, rotated, and set by hand.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
"""

import json

import pytest
from botocore.exceptions import ClientError
from contract import Cloud
from contract_rds import USER, Database, shared

TRY = """
try:
    print(ask(connect(), "SELECT 1")[0][0])
except psycopg2.OperationalError as error:
    print("refused:", " ".join(str(error).split()))
"""


@pytest.fixture
def database(cloud: Cloud) -> Database:
    return shared(cloud)


def test_the_secret_of_the_master_user_is_described(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_MasterUserSecret.html
    secret = database.described()["MasterUserSecret"]
    assert set(secret) == {"SecretArn", "SecretStatus", "KmsKeyId"}
    assert secret["SecretStatus"] == "active"
    assert ":secret:rds!db-" in secret["SecretArn"]


def test_the_secret_holds_user_name_and_password(cloud: Cloud, database: Database) -> None:
    arn = database.described()["MasterUserSecret"]["SecretArn"]
    value = json.loads(cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    assert (set(value), value["username"]) == ({"username", "password"}, USER)
    assert database.run(TRY) == ["1"]


def test_rotation_on_demand_changes_the_real_password(database: Database) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    former = database.credentials()
    arn = database.described()["MasterUserSecret"]["SecretArn"]
    database.rds.modify_db_instance(
        DBInstanceIdentifier=database.identifier, RotateMasterUserPassword=True, ApplyImmediately=True
    )
    database.wait_for()

    assert database.described()["MasterUserSecret"] | {"KmsKeyId": ""} == {
        "SecretArn": arn,
        "SecretStatus": "active",
        "KmsKeyId": "",
    }
    assert database.credentials() != former
    assert database.run(TRY) == ["1"]
    assert "password authentication failed" in database.run(TRY, password=former)[0]


def test_rotation_is_for_now_only(database: Database) -> None:
    with pytest.raises(ClientError, match="InvalidParameterCombination"):
        database.rds.modify_db_instance(
            DBInstanceIdentifier=database.identifier, RotateMasterUserPassword=True, ApplyImmediately=False
        )


def test_a_password_set_by_hand_takes_the_place_of_the_secret(database: Database) -> None:
    database.rds.modify_db_instance(
        DBInstanceIdentifier=database.identifier,
        ManageMasterUserPassword=False,
        MasterUserPassword="by-hand-Passw0rd",
        ApplyImmediately=True,
    )
    database.wait_for()
    database.password = "by-hand-Passw0rd"

    assert "MasterUserSecret" not in database.described()
    assert database.run(TRY) == ["1"]
