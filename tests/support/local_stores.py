"""PostgreSQL and Redis of the deployed local system."""

from container_programs import run_in
from local_cloud import LABEL, LocalCloud


class LocalStores(LocalCloud):
    """The real ones behind RDS and ElastiCache, and what they are called there."""

    @property
    def database_identifier(self) -> str:
        """The identifier of Airflow's DB instance."""
        address: str = self.outputs["database_address"]
        return address.partition(".")[0]

    @property
    def broker_identifier(self) -> str:
        """The identifier of the broker's replication group."""
        groups = self.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
        address = self.outputs["broker_address"]
        return next(
            str(group["ReplicationGroupId"])
            for group in groups
            if group["NodeGroups"][0]["PrimaryEndpoint"]["Address"] == address
        )

    def broker_status(self) -> str:
        """The status of the broker's replication group."""
        (group,) = self.aws("elasticache").describe_replication_groups(
            ReplicationGroupId=self.broker_identifier
        )["ReplicationGroups"]
        return str(group["Status"])

    def broker_members(self) -> dict[str, str]:
        """The broker's nodes, by what they are."""
        (group,) = self.aws("elasticache").describe_replication_groups(
            ReplicationGroupId=self.broker_identifier
        )["ReplicationGroups"]
        members = group["NodeGroups"][0]["NodeGroupMembers"]
        return {member["CurrentRole"]: member["CacheClusterId"] for member in members}

    def psql(self, statement: str, *, identifier: str | None = None, name: str | None = None) -> list[str]:
        """Runs a statement in a real PostgreSQL as its superuser; returns the rows as text.

        Args:
            statement: What to run.
            identifier: Of the DB instance. Airflow's if left out.
            name: Of the database. Airflow's if left out.
        """
        end = f":{identifier or self.database_identifier}"
        (database,) = (
            found for found in self.containers(kind="rds") if found.labels[f"{LABEL}.resource"].endswith(end)
        )
        name = name or self.outputs["database_name"]
        rows = run_in(
            database, "psql", "-U", "rdsadmin", "-d", name, "-qAt", "-c", statement, user="postgres"
        )
        return [line for line in rows.splitlines() if line]

    def redis(self, *command: str, node: str | None = None) -> list[str]:
        """Runs a command on a real Redis; returns the lines of its answer.

        Args:
            *command: What to run.
            node: The cache node. Any if left out.
        """
        broker = next(iter(self.containers(kind="elasticache", **({"node": node} if node else {}))))
        text = run_in(
            broker,
            *("redis-cli", "--tls", "--insecure", "--no-auth-warning", *command),
            environment={"REDISCLI_AUTH": self.secret("broker_secret_arn")["password"]},
        )
        assert not text.startswith(("ERR", "NOAUTH", "WRONGPASS")), text
        return [line for line in text.splitlines() if line]
