"""A DB instance of the contract suite, and what is said to its PostgreSQL from inside the network."""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from contract import Cloud, unique, wait_for
from contract_code import Reached

USER = "contract"
AWS_SECONDS = 1800
"""What AWS needs at most for a step of an instance's life. The local cloud needs seconds."""

CONNECT = """
import os, time, psycopg2

def connect(**changes):
    made = psycopg2.connect(**{
        "host": os.environ["HOST"], "port": os.environ["PORT"], "user": os.environ["NAME"],
        "password": os.environ["PASSWORD"], "dbname": "contract", "sslmode": "require", "connect_timeout": 5,
        **changes,
    })
    made.autocommit = True
    return made

def ask(connection, statement):
    cursor = connection.cursor()
    cursor.execute(statement)
    return cursor.fetchall() if cursor.description else []
"""

WATCH = """
mine = connect()
print("connected")
end = time.time() + 900
while time.time() < end:
    try:
        ask(mine, "SELECT 1")
        time.sleep(0.05)
    except psycopg2.Error as error:
        print("broken:", " ".join(str(error).split()))
        break
while time.time() < end:
    try:
        mine = connect()
        break
    except psycopg2.OperationalError as error:
        print("refused:", " ".join(str(error).split()))
        time.sleep(0.1)
print("back:", ask(mine, "SELECT count(*) FROM kept")[0][0])
"""
"""Says when a connection has ended, and when the endpoint takes one again."""


@dataclass
class Database(Reached):
    """A DB instance; code in its tasks has `connect` and `ask`.

    Args:
        cloud: Where it is.
        identifier: Its identifier.
        password: Of the master user; None: it is in the secret that RDS manages.

    Attributes:
        statuses: What it went through until it was available.
    """

    cloud: Cloud
    identifier: str
    password: str | None = None
    statuses: list[str] = field(default_factory=list)
    connect = CONNECT

    @property
    def parameter_group(self) -> str:
        """Name of its DB parameter group."""
        name: str = self.described()["DBParameterGroups"][0]["DBParameterGroupName"]
        return name

    @property
    def rds(self) -> Any:
        """A client of RDS."""
        return self.cloud.client("rds")

    def described(self) -> dict[str, Any]:
        """Returns the instance as DescribeDBInstances gives it."""
        found: dict[str, Any] = self.rds.describe_db_instances(DBInstanceIdentifier=self.identifier)[
            "DBInstances"
        ][0]
        return found

    def wait_for(self, status: str = "available") -> dict[str, Any]:
        """Waits until the instance has a status."""
        return wait_for(
            f"{self.identifier} is {status}",
            self.described,
            lambda found: found["DBInstanceStatus"] == status,
            timeout_seconds=AWS_SECONDS,
            interval_seconds=0.2,
        )

    def statuses_until(self, last: str) -> list[str]:
        """Returns the statuses that the instance goes through, without repetitions."""
        seen = [self.described()["DBInstanceStatus"]]

        def look() -> str:
            status: str = self.described()["DBInstanceStatus"]
            if status != seen[-1]:
                seen.append(status)
            return status

        wait_for(
            f"{self.identifier} is {last}",
            look,
            lambda status: status == last,
            timeout_seconds=AWS_SECONDS,
            interval_seconds=0.05,
        )
        return seen

    def credentials(self) -> str:
        """Returns the master password as of now."""
        if self.password:
            return self.password
        arn = self.described()["MasterUserSecret"]["SecretArn"]
        value = self.cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        password: str = json.loads(value)["password"]
        return password

    def variables(self, password: str | None = None) -> dict[str, str]:
        """Returns what the code of a task needs to connect."""
        endpoint = self.described()["Endpoint"]
        return {
            "HOST": endpoint["Address"],
            "PORT": str(endpoint["Port"]),
            "NAME": USER,
            "PASSWORD": password or self.credentials(),
        }

    def delete(self) -> None:
        """Deletes the instance, and does not wait for it."""
        self.rds.delete_db_instance(DBInstanceIdentifier=self.identifier, SkipFinalSnapshot=True)


def subnet_group(cloud: Cloud) -> str:
    """Makes a DB subnet group for the time of the suite."""
    rds, name = cloud.client("rds"), unique("contract")
    rds.create_db_subnet_group(
        DBSubnetGroupName=name,
        DBSubnetGroupDescription="Contract",
        SubnetIds=cloud.network["subnets"],
    )
    cloud.finally_do(rds.delete_db_subnet_group, DBSubnetGroupName=name)
    return name


def parameter_group(cloud: Cloud) -> str:
    """Makes a DB parameter group for the time of the suite."""
    rds, name = cloud.client("rds"), unique("contract")
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily="postgres16", Description="Contract"
    )
    cloud.finally_do(rds.delete_db_parameter_group, DBParameterGroupName=name)
    return name


def create(cloud: Cloud, **options: Any) -> Database:
    """Makes a DB instance for the time of the suite, which is not available yet."""
    database = Database(cloud, unique("contract"), options.get("MasterUserPassword"))
    cloud.client("rds").create_db_instance(
        **{
            "DBInstanceIdentifier": database.identifier,
            "DBInstanceClass": "db.t4g.micro",
            "Engine": "postgres",
            "EngineVersion": "16.4",
            "AllocatedStorage": 20,
            "DBName": "contract",
            "MasterUsername": USER,
            "BackupRetentionPeriod": 1,
            "VpcSecurityGroupIds": [cloud.network["group"]],
            **options,
        }
    )
    return database


@lru_cache
def shared(cloud: Cloud) -> Database:
    """Returns a Multi-AZ instance with a managed password and a parameter group, and a table with one row.

    The tests of RDS share it, and each finds it available. It lasts as long as the suite.
    """
    made = create(
        cloud,
        MultiAZ=True,
        ManageMasterUserPassword=True,
        DBSubnetGroupName=subnet_group(cloud),
        DBParameterGroupName=parameter_group(cloud),
    )
    cloud.finally_do(gone, made)
    made.statuses = made.statuses_until("available")
    made.run('ask(connect(), "CREATE TABLE kept (number int); INSERT INTO kept VALUES (1)")')
    return made


def gone(database: Database) -> None:
    """Deletes an instance and waits until it is gone, for what it uses can be deleted then only."""
    database.delete()
    waiter = database.rds.get_waiter("db_instance_deleted")
    waiter.wait(
        DBInstanceIdentifier=database.identifier,
        WaiterConfig={"Delay": 1, "MaxAttempts": AWS_SECONDS},
    )
