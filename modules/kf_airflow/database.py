"""The database: RDS PostgreSQL."""

from __future__ import annotations

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.secretsmanager_secret_rotation import (
    SecretsmanagerSecretRotation,
    SecretsmanagerSecretRotationRotationRules,
)
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from kf_airflow.account import look_up_account
from kf_airflow.connections import allow_store
from kf_airflow.database_monitoring import place_monitoring_role
from kf_airflow.database_parameters import OURS, apply_method, connections_asked_for
from kf_airflow.findings import accept_finding
from kf_airflow.instance_classes import max_connections
from kf_airflow.log_groups import place_log_groups
from kf_airflow.naming import checked_database_name, checked_description, checked_name
from kf_airflow.options import DatabaseOptions
from kf_airflow.refs import Consumer, DatabaseRef, KeyRef, NetworkRef

# Kept at no cost.
_INSIGHTS_RETENTION_DAYS = 7


class Database(Construct):
    """An RDS PostgreSQL instance: private, encrypted, TLS forced, its master password made and kept by RDS.

    RDS changes the master password by itself, so that login is for what runs once, such as migrations;
    a `DatabaseLogin` stays, and so do those of `Credentials`. Nobody may connect until `allow_from` says so.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        network: Where it is placed: in the private subnets.
        database_name: The database made on it, also the name of the master role: letters, digits and
            underscores, a letter first. `name` with underscores for hyphens if left out. It cannot be changed
            later without a new instance.
        options: How it is made. The defaults of `DatabaseOptions` if left out.
        key: What storage, backups, Performance Insights, logs and the master login are encrypted with.
            AWS's own keys if left out. It cannot be changed later without a new instance.
        description: What its resources say they are for, which cannot be changed later without making some of
            them anew. `PostgreSQL of <name>` if left out.

    Raises:
        ValueError: if a value is not allowed.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        network: NetworkRef,
        database_name: str | None = None,
        options: DatabaseOptions | None = None,
        key: KeyRef | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._options = options or DatabaseOptions()
        self._name = checked_name(name)
        self._description = checked_description(description, f"PostgreSQL of {name}")
        database_name = checked_database_name(database_name or name.replace("-", "_"))
        self._key = key
        group = SecurityGroup(
            self,
            "security-group",
            name=f"{name}-database",
            description=self._description,
            vpc_id=network.vpc_id,
            tags={"Name": f"{name}-database"},
        )
        subnets = DbSubnetGroup(
            self, "subnet-group", name=name, subnet_ids=list(network.private_subnet_ids), tags={"Name": name}
        )
        instance = self._instance(database_name, group, subnets)
        self._rotate(instance)
        asked, number = connections_asked_for(self._options.parameters)
        self.ref = DatabaseRef(
            address=instance.address,
            name=database_name,
            secret_arn=instance.master_user_secret.get(0).secret_arn,
            security_group_id=group.id,
            max_connections=number if asked else max_connections(self._options.instance_class),
            identifier=instance.identifier,
            key_arn=key.arn if key else None,
        )

    def allow_from(self, consumer: Consumer) -> None:
        """Lets `consumer` connect, and makes it start after that. Once for each consumer."""
        allow_store(self, f"from-{consumer.name}", source=consumer, store=self.ref)

    def _instance(self, database_name: str, group: SecurityGroup, subnets: DbSubnetGroup) -> DbInstance:
        options, key_arn = self._options, self._key.arn if self._key else None
        waits_for: list[ITerraformDependable] = [
            *place_log_groups(
                self,
                names=[f"/aws/rds/instance/{self._name}/{log}" for log in options.log_exports],
                retention_days=options.log_retention_days,
                key=self._key,
            )
        ]
        monitoring_role_arn = None
        if options.monitoring_interval_seconds:
            role, policy = place_monitoring_role(self, name=self._name, account=look_up_account(self))
            monitoring_role_arn = role.arn
            waits_for.append(policy)
        instance = DbInstance(
            self,
            "instance",
            identifier=self._name,
            engine="postgres",
            engine_version=options.engine_version,
            allow_major_version_upgrade=options.allow_major_version_upgrade,
            auto_minor_version_upgrade=True,
            apply_immediately=options.apply_immediately,
            maintenance_window=options.maintenance_window,
            instance_class=options.instance_class,
            allocated_storage=options.allocated_storage_gib,
            max_allocated_storage=options.max_allocated_storage_gib,
            storage_type=options.storage_type,
            iops=options.storage_iops,
            storage_encrypted=True,
            kms_key_id=key_arn,
            db_name=database_name,
            username=database_name,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=key_arn,
            # It lets in nobody by itself: a role has to be granted `rds_iam`, and an IAM policy has to name
            # it.
            iam_database_authentication_enabled=True,
            db_subnet_group_name=subnets.name,
            parameter_group_name=self._parameters().name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            multi_az=options.multi_az,
            backup_retention_period=options.backup_retention_days,
            backup_window=options.backup_window,
            copy_tags_to_snapshot=True,
            deletion_protection=options.deletion_protection,
            skip_final_snapshot=not options.final_snapshot,
            delete_automated_backups=not options.final_snapshot,
            # The time at which the instance was made: the next one of the same name leaves another snapshot.
            final_snapshot_identifier=f'{self._name}-final-${{formatdate("YYYYMMDDhhmmss", timestamp())}}',
            performance_insights_enabled=options.performance_insights,
            performance_insights_kms_key_id=key_arn if options.performance_insights else None,
            performance_insights_retention_period=(
                _INSIGHTS_RETENTION_DAYS if options.performance_insights else None
            ),
            monitoring_interval=options.monitoring_interval_seconds,
            monitoring_role_arn=monitoring_role_arn,
            enabled_cloudwatch_logs_exports=list(options.log_exports),
            lifecycle=TerraformResourceLifecycle(ignore_changes=["final_snapshot_identifier"]),
            depends_on=waits_for,
            tags={"Name": self._name},
        )
        self._accept_choices(instance)
        return instance

    def _parameters(self) -> DbParameterGroup:
        family = f"postgres{self._options.major_version}"
        return DbParameterGroup(
            self,
            "parameter-group",
            name=f"{self._name}-{family}",
            family=family,
            description=self._description,
            parameter=[
                DbParameterGroupParameter(name=name, value=value, apply_method=apply_method(name))
                for name, value in sorted({**self._options.parameters, **OURS}.items())
            ],
            # A new major version needs another family, and the old group goes only once the instance has let
            # go of it.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": f"{self._name}-{family}"},
        )

    def _rotate(self, instance: DbInstance) -> None:
        """Says how often RDS changes the master password, where that is not every seven days."""
        days = self._options.password_rotation_days
        if days is not None:
            SecretsmanagerSecretRotation(
                self,
                "password-rotation",
                secret_id=instance.master_user_secret.get(0).secret_arn,
                rotate_immediately=False,
                rotation_rules=SecretsmanagerSecretRotationRotationRules(automatically_after_days=days),
            )

    def _accept_choices(self, instance: DbInstance) -> None:
        options = self._options
        choices = {
            "CKV_AWS_118": not options.monitoring_interval_seconds,
            "CKV_AWS_129": not options.log_exports,
            "CKV_AWS_133": not options.backup_retention_days,
            "CKV_AWS_157": not options.multi_az,
            "CKV_AWS_293": not options.deletion_protection,
            "CKV_AWS_353": not options.performance_insights,
        }
        for check, chosen in choices.items():
            if chosen:
                accept_finding(
                    instance, check, "Chosen by DatabaseOptions, for cost or for what comes and goes"
                )
        if options.performance_insights and self._key is None:
            accept_finding(instance, "CKV_AWS_354", "Encrypted with AWS's key, as no other was given")
