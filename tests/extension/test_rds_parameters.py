"""DB parameter groups: what takes effect at once, and what waits for a reboot.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Cloud, wait_for
from contract_rds import AWS_SECONDS, Database, shared


@pytest.fixture
def database(cloud: Cloud) -> Database:
    return shared(cloud)


@pytest.fixture
def group(database: Database) -> str:
    return database.parameter_group


def change(cloud: Cloud, group: str, name: str, value: str, method: str) -> Any:
    """Sets a parameter."""
    return cloud.client("rds").modify_db_parameter_group(
        DBParameterGroupName=group,
        Parameters=[{"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}],
    )


def applied(database: Database, status: str) -> None:
    """Waits until the parameter group of the instance has an apply status."""
    wait_for(
        f"parameters of {database.identifier} are {status}",
        lambda: database.described()["DBParameterGroups"][0]["ParameterApplyStatus"],
        lambda seen: seen == status,
        timeout_seconds=AWS_SECONDS,
        interval_seconds=0.2,
    )


def shown(database: Database, name: str, **options: str) -> str:
    """Returns what the server says a parameter is."""
    arguments = "".join(f"{key}={value!r}, " for key, value in options.items())
    return database.run(f'print(ask(connect({arguments}), "SHOW {name}")[0][0])')[0]


def test_a_dynamic_parameter_takes_effect_at_once(cloud: Cloud, database: Database, group: str) -> None:
    change(cloud, group, "work_mem", "8192", "immediate")
    applied(database, "in-sync")
    assert shown(database, "work_mem") == "8MB"


def test_a_static_parameter_takes_effect_by_a_reboot(cloud: Cloud, database: Database, group: str) -> None:
    change(cloud, group, "max_connections", "57", "pending-reboot")
    applied(database, "pending-reboot")
    assert shown(database, "max_connections") != "57"

    database.rds.reboot_db_instance(DBInstanceIdentifier=database.identifier)
    database.wait_for()
    applied(database, "in-sync")
    assert shown(database, "max_connections") == "57"


def test_force_ssl_is_a_parameter(cloud: Cloud, database: Database, group: str) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
    change(cloud, group, "rds.force_ssl", "0", "immediate")
    applied(database, "in-sync")
    assert shown(database, "ssl", sslmode="disable") == "on"


@pytest.mark.parametrize(
    ("name", "value", "method", "code"),
    [
        ("no_such_parameter", "1", "immediate", "InvalidParameterValue"),
        ("work_mem", "much", "immediate", "InvalidParameterValue"),
        ("max_connections", "100", "immediate", "InvalidParameterCombination"),
    ],
)
def test_what_postgresql_would_not_take_is_refused(
    cloud: Cloud, group: str, name: str, value: str, method: str, code: str
) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBParameterGroup.html
    with pytest.raises(ClientError, match=code):
        change(cloud, group, name, value, method)


def test_a_group_in_use_is_not_deleted(cloud: Cloud, group: str) -> None:
    # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBParameterGroup.html
    with pytest.raises(ClientError, match="InvalidDBParameterGroupState"):
        cloud.client("rds").delete_db_parameter_group(DBParameterGroupName=group)
