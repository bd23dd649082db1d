"""One stack with every type of resource that the library makes, as far as the local cloud has it.

It is of the library's parts, with most of their options on, around a small image that serves HTTP.
"""

import json
from dataclasses import dataclass

from every_ingress import place_ingress

from kf_airflow import (
    AccessLogOptions,
    AccessLogs,
    Broker,
    BrokerOptions,
    Cluster,
    Container,
    Credentials,
    Database,
    DatabaseOptions,
    DatabaseProxy,
    ExistingNetwork,
    HealthCheck,
    Key,
    KeyOptions,
    LogOptions,
    Network,
    NetworkLookup,
    NetworkOptions,
    Observability,
    ObservabilityOptions,
    Observed,
    Permission,
    QueueScaling,
    Scaling,
    Schedule,
    SecretKey,
    Service,
    ServiceOptions,
    Storage,
    StorageOptions,
    TargetSpec,
    UtilizationScaling,
)
from kf_airflow.refs import ClusterRef, CredentialsRef, KeyRef, NetworkRef

# isort: split
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

NAME = "kf-every"
REGION = "us-east-1"
PORT = 8000
TARGET = TargetSpec(container="main", port=PORT, health_check_path="/health")

ABSENT = {
    "aws_wafv2_web_acl_association": "LocalStack's free edition has no WAF, so there is nothing to attach",
    "aws_secretsmanager_secret_rotation": (
        "the local RDS changes its master password by ModifyDBInstance alone, and the provider 3.39 has no "
        "rotation without a Lambda function"
    ),
    "aws_secretsmanager_random_password": "it is ephemeral, so nothing is applied",
}
"""The types that the local cloud does without, and why."""

# Where a minute is a second, a period of 10 s is a second, too: time stamps are whole seconds there. So
# cooldowns are minutes here, to outlast what was published before the last change.
POOL_SCALING = QueueScaling(scale_in_minutes=3, scale_in_cooldown_seconds=300, scale_out_cooldown_seconds=300)


@dataclass(frozen=True)
class Everything:
    """Puts one of each into a stack.

    Args:
        image: What the services run: it knows the words of `tests/extension/image`.
        oidc_secret_arn: A secret with the key `client_secret`.
        pool_percent: How much of the pool a deployment leaves running. All of it if left out.
    """

    image: str
    oidc_secret_arn: str
    pool_percent: int = 100

    def place(self, stack: TerraformStack) -> None:
        AwsProvider(stack, "aws", region=REGION)
        ExistingNetwork(stack, "existing-network", lookup=NetworkLookup(environment="prd", region=REGION))
        key = Key(stack, "key", name=NAME, options=KeyOptions(deletion_window_days=7)).ref
        network = self._network(stack, key)
        access_logs = AccessLogs(
            stack, "access-logs", name=NAME, options=AccessLogOptions(retention_days=1, force_destroy=True)
        ).ref
        storage = Storage(
            stack,
            "storage",
            name=NAME,
            options=StorageOptions(force_destroy=True),
            key=key,
            access_logs=access_logs,
        )
        credentials = Credentials(stack, "credentials", name=NAME, recovery_window_days=0, key=key).ref
        cluster = Cluster(
            stack, "cluster", name=NAME, network=network, logs=LogOptions(retention_days=1), key=key
        ).ref
        services = self._services(stack, network, cluster, credentials)
        self._stores(stack, network, credentials, key, services)
        for service in services:
            storage.grant_read_write(service)
        web, workers, pool = services
        ingress = place_ingress(
            stack,
            name=NAME,
            network=network,
            access_logs=access_logs,
            web=web,
            workers=workers,
            oidc_secret_arn=self.oidc_secret_arn,
        )
        Scaling(
            stack,
            "pool-scaling",
            service=pool.ref,
            policy=POOL_SCALING,
            min_count=0,
            max_count=5,
        )
        Scaling(
            stack,
            "web-scaling",
            service=web.ref,
            policy=UtilizationScaling(cpu_percent=70, requests_per_minute=1000),
            min_count=1,
            max_count=3,
            schedules={"often": Schedule(schedule="cron(0/5 * * * ? *)", max_count=2)},
            load_balancer_arn=ingress.load_balancer_arn,
        )
        Observability(
            stack,
            "observability",
            name=NAME,
            observed=Observed(
                cluster_name=cluster.name,
                airflow=web.service_name,
                workers={workers.service_name: ("default",)},
                database=NAME,
                max_connections=100,
                cache_nodes=(f"{NAME}-001",),
            ),
            options=ObservabilityOptions(emails=("on-call@example.org",)),
        )

    @staticmethod
    def _network(stack: TerraformStack, key: KeyRef) -> NetworkRef:
        everybody = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
        return Network(
            stack,
            "network",
            name=NAME,
            options=NetworkOptions(
                cidr_block="10.50.0.0/18",
                zones=2,
                nat="per-az",
                endpoints=("ecr.api", "logs"),
                # LocalStack tells of no policy's version, so that one with it would be changed at every plan.
                endpoint_policies={"s3": json.dumps({"Statement": [everybody]})},
                flow_log_retention_days=1,
            ),
            key=key,
        ).ref

    def _stores(
        self,
        stack: TerraformStack,
        network: NetworkRef,
        credentials: CredentialsRef,
        key: KeyRef,
        services: tuple[Service, ...],
    ) -> None:
        database = Database(
            stack,
            "database",
            name=NAME,
            network=network,
            options=DatabaseOptions(
                multi_az=True,
                log_retention_days=1,
                deletion_protection=False,
                final_snapshot=False,
                backup_retention_days=0,
                parameters={"log_min_duration_statement": "500"},
            ),
            key=key,
        )
        proxy = DatabaseProxy(
            stack,
            "database-proxy",
            name=NAME,
            network=network,
            database=database.ref,
            secret_arns=[credentials.metadata_secret_arn],
            key=key,
        )
        broker = Broker(
            stack,
            "broker",
            name=NAME,
            network=network,
            options=BrokerOptions(replicas=1, parameters={"maxmemory-policy": "volatile-lru"}),
            recovery_window_days=0,
            key=key,
        )
        for service in services:
            proxy.allow_from(service)
            broker.allow_from(service)

    def _services(
        self, stack: TerraformStack, network: NetworkRef, cluster: ClusterRef, credentials: CredentialsRef
    ) -> tuple[Service, ...]:
        def service(
            id_: str,
            options: ServiceOptions,
            target: TargetSpec | None = TARGET,
            discovery_name: str | None = None,
        ) -> Service:
            return Service(
                stack,
                id_,
                name=f"{NAME}-{id_}",
                network=network,
                cluster=cluster,
                containers=[self._container(credentials)],
                options=options,
                target=target,
                discovery_name=discovery_name,
                permissions=[Permission(actions=("s3:GetObject",), resources=("arn:aws:s3:::references/*",))],
                wait_for_steady_state=True,
            )

        return (
            service("web", ServiceOptions(cpu=256, memory_mib=512, max_count=3), discovery_name="web"),
            service(
                "workers",
                ServiceOptions(
                    cpu=256,
                    memory_mib=512,
                    count=2,
                    spot_percent=50,
                    on_demand_base=1,
                    architecture="ARM64",
                    storage_gib=30,
                ),
            ),
            service(
                "pool",
                ServiceOptions(
                    cpu=256,
                    memory_mib=512,
                    count=0,
                    max_count=5,
                    minimum_healthy_percent=self.pool_percent,
                ),
                target=None,
            ),
        )

    def _container(self, credentials: CredentialsRef) -> Container:
        probe = f"import urllib.request as r; r.urlopen('http://localhost:{PORT}/health')"
        return Container(
            name="main",
            image=self.image,
            command=("serve",),
            ports=(PORT,),
            environment={"NAME": NAME},
            secrets={"PASSWORD": SecretKey(secret_arn=credentials.admin_secret_arn, key="password")},
            health_check=HealthCheck(
                command=("python3", "-c", probe),
                interval_seconds=5,
                timeout_seconds=2,
                start_period_seconds=0,
            ),
            restart_after_seconds=60,
            stop_timeout_seconds=2,
            writable_paths=("/scratch",),
        )
