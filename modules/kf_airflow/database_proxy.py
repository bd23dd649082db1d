"""A pool of connections before a database: RDS Proxy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cdktf_cdktf_provider_aws.db_proxy import DbProxy, DbProxyAuth
from cdktf_cdktf_provider_aws.db_proxy_default_target_group import (
    DbProxyDefaultTargetGroup,
    DbProxyDefaultTargetGroupConnectionPoolConfig,
)
from cdktf_cdktf_provider_aws.db_proxy_target import DbProxyTarget
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from kf_airflow import policies
from kf_airflow.connections import allow_store
from kf_airflow.findings import accept_finding
from kf_airflow.log_groups import place_log_groups
from kf_airflow.naming import checked_description, checked_name
from kf_airflow.refs import Consumer, DatabaseRef, KeyRef, NetworkRef

# Of what the database takes; the rest is for migrations and people, who come directly.
_SHARE_OF_CONNECTIONS_PERCENT = 90
_BORROW_TIMEOUT_SECONDS = 120
_IDLE_TIMEOUT_SECONDS = 1800
_LOG_RETENTION_DAYS = 30


class DatabaseProxy(Construct):
    """An RDS Proxy: many connections of processes share few of the database. TLS only, private.

    It knows the logins of the secrets given, which a PostgreSQL role of the same name and password has to
    stand behind. Its certificate is one of Amazon's public CAs, not of RDS's. Nobody may connect until
    `allow_from` says so.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        network: Where it is placed: in the private subnets.
        database: The database it stands before, one of RDS: `identifier` has to be set.
        secret_arns: The secrets, with the keys `username` and `password`, of those who log in through it.
        key: The key these secrets and its log are encrypted with. AWS's own keys if left out.
        description: What its security group is for, which cannot be changed later without making that anew.
            `Connections to PostgreSQL of <name>` if left out.

    Raises:
        ValueError: if a value is not allowed, the database is not one of RDS, or there is no secret.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        network: NetworkRef,
        database: DatabaseRef,
        secret_arns: Sequence[str],
        key: KeyRef | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._name = checked_name(name)
        self._description = checked_description(description, f"Connections to PostgreSQL of {name}")
        if database.identifier is None:
            raise ValueError("identifier of the database is None: allowed is what RDS calls the instance")
        if not secret_arns:
            raise ValueError("secret_arns is empty: allowed is one secret or more")
        group = self._guard(network, database)
        role, policy = self._role(secret_arns, key)
        logs = place_log_groups(
            self, names=[f"/aws/rds/proxy/{name}"], retention_days=_LOG_RETENTION_DAYS, key=key
        )
        proxy = DbProxy(
            self,
            "proxy",
            name=name,
            engine_family="POSTGRESQL",
            auth=[
                DbProxyAuth(
                    auth_scheme="SECRETS",
                    client_password_auth_type="POSTGRES_SCRAM_SHA_256",  # noqa: S106
                    iam_auth="DISABLED",
                    secret_arn=secret_arn,
                )
                for secret_arn in secret_arns
            ],
            role_arn=role.arn,
            require_tls=True,
            # It would write statements with all their values into the log.
            debug_logging=False,
            idle_client_timeout=_IDLE_TIMEOUT_SECONDS,
            vpc_subnet_ids=list(network.private_subnet_ids),
            vpc_security_group_ids=[group.id],
            depends_on=[policy, *logs],
            tags={"Name": name},
        )
        pool = DbProxyDefaultTargetGroup(
            self,
            "pool",
            db_proxy_name=proxy.name,
            connection_pool_config=DbProxyDefaultTargetGroupConnectionPoolConfig(
                max_connections_percent=_SHARE_OF_CONNECTIONS_PERCENT,
                connection_borrow_timeout=_BORROW_TIMEOUT_SECONDS,
            ),
        )
        self._target = DbProxyTarget(
            self,
            "target",
            db_proxy_name=proxy.name,
            target_group_name=pool.name,
            db_instance_identifier=database.identifier,
        )
        self.ref = replace(
            database,
            address=proxy.endpoint,
            direct_address=database.address,
            security_group_id=group.id,
            # The proxy makes those wait for whom the database has no connection.
            max_connections=None,
        )

    def allow_from(self, consumer: Consumer) -> None:
        """Lets `consumer` connect, and makes it start after that. Once for each consumer."""
        allow_store(self, f"from-{consumer.name}", source=consumer, store=self.ref)
        consumer.start_after(self._target)

    def _guard(self, network: NetworkRef, database: DatabaseRef) -> SecurityGroup:
        """Makes the proxy's security group, which leads to the database and nowhere else."""
        group = SecurityGroup(
            self,
            "security-group",
            name=f"{self._name}-proxy",
            description=self._description,
            vpc_id=network.vpc_id,
            tags={"Name": f"{self._name}-proxy"},
        )
        accept_finding(group, "CKV2_AWS_5", "The proxy has it, where checkov does not look")
        if database.security_group_id is None:
            return group
        VpcSecurityGroupEgressRule(
            self,
            "to-database",
            security_group_id=group.id,
            referenced_security_group_id=database.security_group_id,
            ip_protocol="tcp",
            from_port=database.port,
            to_port=database.port,
            description="To the database",
        )
        VpcSecurityGroupIngressRule(
            self,
            "into-database",
            security_group_id=database.security_group_id,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=database.port,
            to_port=database.port,
            description="From the proxy",
        )
        return group

    def _role(self, secret_arns: Sequence[str], key: KeyRef | None) -> tuple[IamRole, IamRolePolicy]:
        role = IamRole(
            self,
            "role",
            name_prefix=f"{self._name}-proxy-",
            assume_role_policy=policies.assumed_by_proxy(),
            tags={"Name": f"{self._name}-proxy"},
        )
        policy = IamRolePolicy(
            self,
            "secrets",
            name="secrets",
            role=role.name,
            policy=policies.document(
                [
                    policies.read_secrets(secret_arns),
                    *([policies.decrypt(key.arn, via="secretsmanager")] if key else []),
                ]
            ),
        )
        return role, policy
