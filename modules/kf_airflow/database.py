"""The metadata database: RDS PostgreSQL."""

from __future__ import annotations

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.db_instance import DbInstance
from cdktf_cdktf_provider_aws.db_parameter_group import DbParameterGroup, DbParameterGroupParameter
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from kf_airflow.connections import allow_store
from kf_airflow.naming import checked_name
from kf_airflow.options import DatabaseOptions
from kf_airflow.refs import Consumer, DatabaseRef, NetworkRef


class Database(Construct):
    """An RDS PostgreSQL instance: private, encrypted, TLS forced, its master password made and kept by RDS.

    Nobody may connect until `allow_from` says so.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        network: Where it is placed: in the private subnets.
        database_name: The database made on it, also the name of the master role. `airflow` if left out.
        options: How it is made. The defaults of `DatabaseOptions` if left out.

    Raises:
        ValueError: if the name is not allowed.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        network: NetworkRef,
        database_name: str = "airflow",
        options: DatabaseOptions | None = None,
    ) -> None:
        super().__init__(scope, id_)
        options = options or DatabaseOptions()
        name = checked_name(name)
        group = SecurityGroup(
            self,
            "security-group",
            name=f"{name}-database",
            description="PostgreSQL of Airflow",
            vpc_id=network.vpc_id,
            tags={"Name": f"{name}-database"},
        )
        subnets = DbSubnetGroup(
            self, "subnet-group", name=name, subnet_ids=list(network.private_subnet_ids), tags={"Name": name}
        )
        major_version = options.engine_version.split(".")[0]
        parameters = DbParameterGroup(
            self,
            "parameter-group",
            name=f"{name}-postgres{major_version}",
            family=f"postgres{major_version}",
            description="PostgreSQL of Airflow",
            parameter=[DbParameterGroupParameter(name="rds.force_ssl", value="1")],
            # A new major version needs another family, and the old group goes only once the instance has let
            # go of it.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )
        instance = DbInstance(
            self,
            "instance",
            identifier=name,
            engine="postgres",
            engine_version=options.engine_version,
            instance_class=options.instance_class,
            allocated_storage=options.allocated_storage_gib,
            max_allocated_storage=options.max_allocated_storage_gib,
            storage_type="gp3",
            storage_encrypted=True,
            db_name=database_name,
            username=database_name,
            manage_master_user_password=True,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            multi_az=options.multi_az,
            auto_minor_version_upgrade=True,
            backup_retention_period=options.backup_retention_days,
            copy_tags_to_snapshot=True,
            deletion_protection=options.deletion_protection,
            skip_final_snapshot=not options.final_snapshot,
            final_snapshot_identifier=f"{name}-final" if options.final_snapshot else None,
            tags={"Name": name},
        )
        self.ref = DatabaseRef(
            address=instance.address,
            name=database_name,
            secret_arn=instance.master_user_secret.get(0).secret_arn,
            security_group_id=group.id,
        )

    def allow_from(self, consumer: Consumer) -> None:
        """Lets `consumer` connect, and makes it start after that. Once for each consumer."""
        allow_store(self, f"from-{consumer.name}", source=consumer, store=self.ref)
