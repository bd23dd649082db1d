"""The broker of Celery or RQ, a cache too: ElastiCache for Redis or Valkey."""

from __future__ import annotations

from cdktf import TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.elasticache_parameter_group import (
    ElasticacheParameterGroup,
    ElasticacheParameterGroupParameter,
)
from cdktf_cdktf_provider_aws.elasticache_replication_group import ElasticacheReplicationGroup
from cdktf_cdktf_provider_aws.elasticache_subnet_group import ElasticacheSubnetGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from kf_airflow.connections import allow_store
from kf_airflow.credentials import checked_recovery_window
from kf_airflow.findings import accept_finding
from kf_airflow.naming import checked_description, checked_name
from kf_airflow.options import BrokerOptions
from kf_airflow.randoms import write_only_secret
from kf_airflow.refs import BrokerRef, Consumer, KeyRef, NetworkRef

# A full broker refuses new tasks; most other policies would drop some.
_PARAMETERS = {"maxmemory-policy": "noeviction"}


class Broker(Construct):
    """An ElastiCache replication group without cluster mode: private, encrypted everywhere, with AUTH.

    Nobody may connect until `allow_from` says so. The AUTH token is in the secret `<name>/broker`, and in
    Terraform's state too: ElastiCache's argument has no write-only form. Keep the state where only those may
    read it who may read the secret.

    To change the token, replace the resource it is made from (`terraform apply -replace=<address of
    token-seed>`): ElastiCache takes both tokens from then on, so what runs goes on, and new tasks get the new
    one. Services that take the secret from `ref` are replaced, as it has another version. Do it a second time
    to make the first token void.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What its resources are called.
        network: Where it is placed: in the private subnets.
        options: How it is made. The defaults of `BrokerOptions` if left out.
        recovery_window_days: How long the deleted secret can be had back, 7 to 30 days; 0 deletes at once. 30
            if left out.
        key: What nodes, snapshots and the secret are encrypted with. AWS's own keys if left out. It cannot be
            changed later without a new replication group.
        description: What its resources say they are for, which cannot be changed later without making some of
            them anew. `Broker of <name>` if left out.

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
        key: KeyRef | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._options = options or BrokerOptions()
        self._name = checked_name(name)
        self._description = checked_description(description, f"Broker of {name}")
        self._key = key
        checked_recovery_window(recovery_window_days)
        group = SecurityGroup(
            self,
            "security-group",
            name=f"{name}-broker",
            description=self._description,
            vpc_id=network.vpc_id,
            tags={"Name": f"{name}-broker"},
        )
        seed = self._token_seed() if self._options.auth else None
        replication_group = self._replication_group(network, group, seed)
        self.ref = BrokerRef(
            address=replication_group.primary_endpoint_address,
            secret_arn=(
                self._secret(seed, replication_group, recovery_window_days) if seed is not None else None
            ),
            tls=self._options.tls,
            security_group_id=group.id,
            # ElastiCache's names of the nodes of a group without cluster mode.
            cache_cluster_ids=tuple(f"{name}-{number:03}" for number in range(1, self._options.replicas + 2)),
            key_arn=key.arn if key else None,
        )

    def allow_from(self, consumer: Consumer) -> None:
        """Lets `consumer` connect, and makes it start after that. Once for each consumer."""
        allow_store(self, f"from-{consumer.name}", source=consumer, store=self.ref)

    def _token_seed(self) -> TerraformResource:
        # Terraform's own resource: `uuid()` differs at every run, and ignoring that keeps the first. Not as
        # `input`, which Terraform repeats as `output` and prints (`terraform show`, the plan of a destroy).
        seed = TerraformResource(
            self,
            "token-seed",
            terraform_resource_type="terraform_data",
            lifecycle=TerraformResourceLifecycle(ignore_changes=["triggers_replace"]),
        )
        seed.add_override("triggers_replace", "${sensitive(uuid())}")
        return seed

    def _replication_group(
        self, network: NetworkRef, group: SecurityGroup, seed: TerraformResource | None
    ) -> ElasticacheReplicationGroup:
        options = self._options
        subnets = ElasticacheSubnetGroup(
            self,
            "subnet-group",
            name=self._name,
            description=self._description,
            subnet_ids=list(network.private_subnet_ids),
            tags={"Name": self._name},
        )
        replication_group = ElasticacheReplicationGroup(
            self,
            "replication-group",
            replication_group_id=self._name,
            description=self._description,
            engine=options.engine,
            engine_version=options.version,
            auto_minor_version_upgrade="true",
            apply_immediately=options.apply_immediately,
            maintenance_window=options.maintenance_window,
            node_type=options.node_type,
            num_cache_clusters=1 + options.replicas,
            automatic_failover_enabled=options.fails_over,
            multi_az_enabled=options.fails_over,
            port=6379,
            subnet_group_name=subnets.name,
            parameter_group_name=self._parameters().name,
            security_group_ids=[group.id],
            transit_encryption_enabled=options.tls,
            at_rest_encryption_enabled="true",
            kms_key_id=self._key.arn if self._key else None,
            auth_token=f"${{{_token(seed)}}}" if seed is not None else None,
            # The old token stays good beside the new one.
            auth_token_update_strategy="ROTATE" if seed is not None else None,
            snapshot_retention_limit=options.snapshot_retention_days,
            snapshot_window=options.snapshot_window,
            tags={"Name": self._name},
        )
        self._accept_choices(replication_group)
        return replication_group

    def _parameters(self) -> ElasticacheParameterGroup:
        options = self._options
        # A point is not allowed there, and is in `redis6.x`.
        name = f"{self._name}-{options.family.replace('.', '-')}"
        return ElasticacheParameterGroup(
            self,
            "parameter-group",
            name=name,
            family=options.family,
            description=self._description,
            parameter=[
                ElasticacheParameterGroupParameter(name=parameter, value=value)
                for parameter, value in sorted({**_PARAMETERS, **options.parameters}.items())
            ],
            # A new major version needs another family, and the old group goes only once the nodes have let go
            # of it.
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
            tags={"Name": name},
        )

    def _secret(
        self,
        seed: TerraformResource,
        replication_group: ElasticacheReplicationGroup,
        recovery_window_days: int,
    ) -> str:
        token = _token(seed)
        return write_only_secret(
            self,
            "secret",
            name=f"{self._name}/broker",
            description="AUTH token of the broker",
            values={"password": token},
            recovery_window_days=recovery_window_days,
            key=self._key,
            # 28 bits of a hash of the token tell versions apart and nothing about it.
            version=f"parseint(substr(sha256({token}), 0, 7), 16)",
            # A task must not get a token that the nodes do not take yet.
            after=[replication_group],
        )

    def _accept_choices(self, replication_group: ElasticacheReplicationGroup) -> None:
        options = self._options
        choices = {
            "CKV_AWS_30": not options.tls,
            "CKV_AWS_31": not options.auth,
            "CKV2_AWS_50": not options.fails_over,
        }
        for check, chosen in choices.items():
            if chosen:
                accept_finding(
                    replication_group, check, "Chosen by BrokerOptions, for cost or for what connects"
                )
        if self._key is None:
            accept_finding(
                replication_group, "CKV_AWS_191", "Encrypted with ElastiCache's key, as no other was given"
            )


def _token(seed: TerraformResource) -> str:
    """Returns the expression of the token: 64 hexadecimal digits.

    ElastiCache takes 16 to 128 characters, of which few may be punctuation.
    """
    return f"sha256({seed.fqn}.triggers_replace)"
