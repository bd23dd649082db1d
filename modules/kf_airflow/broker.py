"""The Celery broker: ElastiCache for Redis."""

from __future__ import annotations

from cdktf import TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.elasticache_replication_group import ElasticacheReplicationGroup
from cdktf_cdktf_provider_aws.elasticache_subnet_group import ElasticacheSubnetGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from kf_airflow.connections import allow_store
from kf_airflow.credentials import checked_recovery_window
from kf_airflow.naming import checked_name
from kf_airflow.options import BrokerOptions
from kf_airflow.randoms import write_only_secret
from kf_airflow.refs import BrokerRef, Consumer, NetworkRef


class Broker(Construct):
    """An ElastiCache replication group without cluster mode: private, encrypted everywhere, with AUTH.

    Nobody may connect until `allow_from` says so. The AUTH token is in the secret `<name>/broker`, and in
    Terraform's state too: ElastiCache's argument has no write-only form. Keep the state where only those may
    read it who may read the secret.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        network: Where it is placed: in the private subnets.
        options: How it is made. The defaults of `BrokerOptions` if left out.
        recovery_window_days: How long the deleted secret can be had back, 7 to 30 days; 0 deletes at once. 30
            if left out.

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
        options: BrokerOptions | None = None,
        recovery_window_days: int = 30,
    ) -> None:
        super().__init__(scope, id_)
        options = options or BrokerOptions()
        name = checked_name(name)
        group = SecurityGroup(
            self,
            "security-group",
            name=f"{name}-broker",
            description="Celery broker of Airflow",
            vpc_id=network.vpc_id,
            tags={"Name": f"{name}-broker"},
        )
        subnets = ElasticacheSubnetGroup(
            self,
            "subnet-group",
            name=name,
            description="Celery broker of Airflow",
            subnet_ids=list(network.private_subnet_ids),
            tags={"Name": name},
        )
        # Terraform's own resource: `uuid()` differs at every run, and ignoring that keeps the first. Not as
        # `input`, which Terraform repeats as `output` and prints (`terraform show`, the plan of a destroy).
        seed = TerraformResource(
            self,
            "token-seed",
            terraform_resource_type="terraform_data",
            lifecycle=TerraformResourceLifecycle(ignore_changes=["triggers_replace"]),
        )
        seed.add_override("triggers_replace", "${sensitive(uuid())}")
        # 64 hexadecimal digits: ElastiCache takes 16 to 128 characters, of which few may be punctuation.
        token = f"sha256({seed.fqn}.triggers_replace)"
        replication_group = ElasticacheReplicationGroup(
            self,
            "replication-group",
            replication_group_id=name,
            description="Celery broker of Airflow",
            engine="redis",
            engine_version=options.engine_version,
            node_type=options.node_type,
            num_cache_clusters=1 + options.replicas,
            automatic_failover_enabled=options.replicas > 0,
            multi_az_enabled=options.replicas > 0,
            port=6379,
            subnet_group_name=subnets.name,
            security_group_ids=[group.id],
            transit_encryption_enabled=True,
            at_rest_encryption_enabled="true",
            auth_token=f"${{{token}}}",
            auto_minor_version_upgrade="true",
            snapshot_retention_limit=options.snapshot_retention_days,
            tags={"Name": name},
        )
        self.ref = BrokerRef(
            address=replication_group.primary_endpoint_address,
            secret_arn=write_only_secret(
                self,
                "secret",
                name=f"{name}/broker",
                description="AUTH token of the Celery broker",
                values={"password": token},
                recovery_window_days=checked_recovery_window(recovery_window_days),
            ),
            security_group_id=group.id,
        )

    def allow_from(self, consumer: Consumer) -> None:
        """Lets `consumer` connect, and makes it start after that. Once for each consumer."""
        allow_store(self, f"from-{consumer.name}", source=consumer, store=self.ref)
