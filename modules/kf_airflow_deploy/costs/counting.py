"""Which resources are paid for, by whom they are counted, and which cost nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kf_airflow_deploy.costs import broker, database, load_balancer, network, observability, services, stores
from kf_airflow_deploy.costs.quantity import Quantity
from kf_airflow_deploy.costs.stack_resources import StackResources
from kf_airflow_deploy.costs.usage import Usage
from kf_airflow_deploy.errors import DeployError

Count = Callable[[StackResources, Usage], Iterator[Quantity]]

COUNTED: Mapping[Count, tuple[str, ...]] = {
    network.network: ("aws_nat_gateway", "aws_eip", "aws_vpc_endpoint"),
    load_balancer.load_balancer: ("aws_lb",),
    services.services: (
        "aws_ecs_service",
        "aws_ecs_task_definition",
        "aws_appautoscaling_target",
        "aws_appautoscaling_scheduled_action",
    ),
    database.database: ("aws_db_instance", "aws_db_proxy", "aws_db_proxy_target"),
    broker.broker: ("aws_elasticache_replication_group",),
    stores.buckets: ("aws_s3_bucket", "aws_s3_bucket_lifecycle_configuration"),
    observability.logs: ("aws_cloudwatch_log_group", "aws_flow_log"),
    observability.cloudwatch: (
        "aws_cloudwatch_metric_alarm",
        "aws_cloudwatch_dashboard",
        "aws_ecs_cluster",
    ),
    observability.emails: ("aws_sns_topic_subscription",),
    stores.secrets: ("aws_secretsmanager_secret",),
    stores.keys: ("aws_kms_key",),
    stores.zones: ("aws_service_discovery_private_dns_namespace",),
}
"""Who counts which types."""

FREE = frozenset(
    {
        "aws_appautoscaling_policy",
        "aws_cloudwatch_event_rule",  # events of AWS's own, on the default bus
        "aws_cloudwatch_event_target",
        "aws_db_parameter_group",
        "aws_db_proxy_default_target_group",
        "aws_db_subnet_group",
        "aws_default_security_group",
        "aws_ecs_cluster_capacity_providers",
        "aws_elasticache_parameter_group",
        "aws_elasticache_subnet_group",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_internet_gateway",
        "aws_kms_alias",
        "aws_lb_listener",
        "aws_lb_listener_certificate",
        "aws_lb_listener_rule",
        "aws_lb_target_group",
        "aws_route",
        "aws_route53_record",  # the zone is somebody else's, and aliases are not charged
        "aws_route_table",
        "aws_route_table_association",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret_rotation",  # RDS's own, without a function
        "aws_secretsmanager_secret_version",
        "aws_security_group",
        "aws_service_discovery_service",  # ECS registers its tasks at no cost
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_wafv2_web_acl_association",  # the access list is somebody else's
        "terraform_data",
    }
)
"""What costs nothing by itself."""


def quantities(stack: StackResources, usage: Usage) -> tuple[Quantity, ...]:
    """Returns all that is paid for in a stack.

    Raises:
        DeployError: if nobody knows whether a resource of the stack costs something.
    """
    counted = {type_ for types in COUNTED.values() for type_ in types}
    unknown = [type_ for type_ in stack.types if type_ not in counted | FREE]
    if unknown:
        raise DeployError(
            f"Nobody knows what these cost: {', '.join(unknown)}. Count them in "
            "kf_airflow_deploy/costs/counting.py, or name them there as free."
        )
    return tuple(quantity for count in COUNTED for quantity in count(stack, usage))
