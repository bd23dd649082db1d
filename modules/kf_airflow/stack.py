"""The stack `main.py` synthesizes: provider, backend, Airflow, outputs."""

from __future__ import annotations

from cdktf import CloudBackend, LocalBackend, NamedCloudWorkspace, S3Backend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags, AwsProviderEndpoints
from constructs import Construct

from kf_airflow import naming
from kf_airflow.airflow import Airflow
from kf_airflow.existing_network import ExistingNetwork
from kf_airflow.options import LogOptions
from kf_airflow.refs import NetworkRef
from kf_airflow.settings import Settings

# The services this stack calls, as the provider names them.
_ENDPOINTS = (
    "appautoscaling",
    "cloudwatch",
    "cloudwatchlogs",
    "ec2",
    "ecs",
    "elasticache",
    "elbv2",
    "events",
    "iam",
    "kms",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "sns",
    "sts",
    "wafv2",
)

# Ephemeral resources, write-only arguments and locks in the S3 backend are no older.
_TERRAFORM_VERSION = ">= 1.11"


class AirflowStack(TerraformStack):
    """Airflow as the settings of an environment describe it.

    Args:
        scope: The CDKTF app.
        id_: The stack's name.
        settings: The environment's settings.

    Raises:
        ValueError: if a value is not allowed that only shows when everything is put together.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: Settings) -> None:
        super().__init__(scope, id_)
        self._settings = settings
        self.add_override("terraform.required_version", _TERRAFORM_VERSION)
        self._place_backend()
        self._place_provider()
        self.airflow = self._place_airflow()
        self._place_outputs()

    def _place_airflow(self) -> Airflow:
        settings, existing = self._settings, self._settings.existing
        certificate_file = settings.ca_certificate_file
        return Airflow(
            self,
            "airflow",
            name=settings.name,
            image=settings.image,
            network=existing.network or self._found_network() or settings.network,
            database=existing.database or settings.database,
            broker=existing.broker or settings.broker,
            bucket=existing.bucket or settings.storage,
            dags=settings.dags,
            credentials=existing.credentials,
            cluster=existing.cluster,
            ingress=settings.ingress,
            load_balancer=existing.load_balancer,
            key=existing.key or settings.key,
            access_logs=existing.access_logs or settings.access_logs,
            airflow=settings.airflow,
            worker=settings.worker,
            flower=settings.flower,
            worker_pools=settings.worker_pools,
            configuration=settings.configuration,
            environment=settings.variables,
            extras=settings.extras,
            base_url=settings.base_url,
            logs=LogOptions(
                prefix=naming.log_group_prefix(environment=settings.environment, app=settings.project),
                retention_days=settings.logs.retention_days,
            ),
            observability=settings.observability,
            alarm_topic=existing.alarm_topic,
            ca_certificates=certificate_file.read_text(encoding="utf-8") if certificate_file else None,
            admin_username=settings.admin_username,
            secret_recovery_window_days=settings.secret_recovery_window_days,
            wait_for_steady_state=settings.wait_for_steady_state,
            rollout_order=settings.rollout_order,
        )

    def _found_network(self) -> NetworkRef | None:
        """Returns the network whose tags the settings name; None if they name none."""
        settings = self._settings
        lookup = settings.existing.network_lookup
        if lookup is None:
            return None
        return ExistingNetwork(
            self,
            "network",
            lookup=lookup.resolved(
                organization=settings.organization,
                environment=settings.environment,
                region=settings.aws.region,
            ),
        ).ref

    def _place_backend(self) -> None:
        settings, state = self._settings, self._settings.state
        if state.path is not None:
            LocalBackend(self, path=str(state.path))
        elif state.account is not None:
            backend = S3Backend(
                self,
                bucket=naming.state_bucket(state.account),
                key=naming.state_key(
                    environment=settings.environment, project=settings.project, region=settings.aws.region
                ),
                region=settings.aws.region,
                encrypt=True,
            )
            # Newer than CDKTF: a lock beside the state instead of in a DynamoDB table.
            backend.add_override("use_lockfile", True)
        elif state.organization is not None:
            CloudBackend(
                self,
                hostname=state.hostname,
                organization=state.organization,
                workspaces=NamedCloudWorkspace(state.workspace or self.node.id, state.project),
            )

    def _place_provider(self) -> None:
        settings = self._settings
        endpoint_url = settings.aws.endpoint_url
        tags = {
            "Name": settings.name,
            "Project": settings.project,
            "Environment": settings.environment,
            "Organization": settings.organization,
            "Owner": settings.owner,
        }
        if endpoint_url is None:
            AwsProvider(
                self, "aws", region=settings.aws.region, default_tags=[AwsProviderDefaultTags(tags=tags)]
            )
            return
        AwsProvider(
            self,
            "aws",
            region=settings.aws.region,
            default_tags=[AwsProviderDefaultTags(tags=tags)],
            endpoints=[AwsProviderEndpoints(**dict.fromkeys(_ENDPOINTS, endpoint_url))],
            # LocalStack takes any credentials; naming some keeps Terraform from ever using real ones there.
            access_key="test",
            secret_key="test",  # noqa: S106
            s3_use_path_style=True,
            skip_credentials_validation=True,
            skip_metadata_api_check="true",
            skip_region_validation=True,
            skip_requesting_account_id=True,
        )

    def _place_outputs(self) -> None:
        airflow = self.airflow
        services = {"airflow": airflow.airflow, **airflow.workers, "flower": airflow.flower}
        outputs: dict[str, object] = {
            "image": airflow.image.pulled,
            "image_tag": airflow.image.tag,
            "webserver_url": airflow.base_url,
            "flower_url": airflow.flower_url,
            "load_balancer_dns_name": airflow.ingress.dns_name,
            "cluster_name": airflow.cluster.name,
            "log_bucket_name": airflow.bucket.name,
            "log_prefix": airflow.bucket.prefix,
            "database_address": airflow.database.address,
            "database_port": airflow.database.port,
            "database_name": airflow.database.name,
            "database_secret_arn": airflow.database.secret_arn,
            "metadata_secret_arn": airflow.credentials.metadata_secret_arn,
            "results_secret_arn": airflow.credentials.results_secret_arn,
            "broker_address": airflow.broker.address,
            "broker_port": airflow.broker.port,
            "broker_secret_arn": airflow.broker.secret_arn,
            "airflow_secret_arn": airflow.credentials.airflow_secret_arn,
            "admin_secret_arn": airflow.credentials.admin_secret_arn,
            "flower_secret_arn": airflow.credentials.flower_secret_arn,
            "alarm_topic_arn": airflow.observability.topic.arn if airflow.observability.topic else None,
            "namespace_name": airflow.cluster.namespace_name,
            "task_definition_arns": {name: service.task_definition_arn for name, service in services.items()},
            "target_group_arns": {name: service.target_group_arn for name, service in services.items()},
            "log_group_names": {name: service.log_group_name for name, service in services.items()},
            **{f"{name}_service_name": service.service_name for name, service in services.items()},
        }
        for name, value in outputs.items():
            # A broker without AUTH has no secret, an image may have no tag, and no alarms need a topic.
            if value is not None:
                TerraformOutput(self, name, value=value)
