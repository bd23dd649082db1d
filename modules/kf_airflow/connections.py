"""Lets one thing connect to another, and gives a service's code its permissions."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from kf_airflow import checks, policies
from kf_airflow.refs import BrokerRef, BucketRef, ClusterRef, Consumer, DatabaseRef


def allow(
    scope: Construct, id_: str, *, source: Consumer, security_group_id: str, port: int, description: str
) -> None:
    """Lets `source` connect to a port of what `security_group_id` guards, and makes it start after that."""
    source.start_after(
        VpcSecurityGroupIngressRule(
            scope,
            id_,
            security_group_id=security_group_id,
            referenced_security_group_id=source.security_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description=checks.rule_description("description", description),
        )
    )


def allow_store(scope: Construct, id_: str, *, source: Consumer, store: DatabaseRef | BrokerRef) -> None:
    """Lets `source` connect to a database or broker.

    Does nothing for a store without a security group: whoever owns it lets the services in.
    """
    if store.security_group_id is not None:
        allow(
            scope,
            id_,
            source=source,
            security_group_id=store.security_group_id,
            port=store.port,
            description=f"From {source.name}",
        )


def grant_read(scope: Construct, id_: str, *, bucket: BucketRef, consumer: Consumer) -> None:
    """Lets the consumer's code read the objects below the bucket's prefix."""
    statements = policies.read_objects(bucket.arn, bucket.prefix)
    if bucket.key_arn is not None:
        statements.append(policies.decrypt(bucket.key_arn, via="s3"))
    _grant(scope, id_, consumer, statements)


def grant_read_write(scope: Construct, id_: str, *, bucket: BucketRef, consumer: Consumer) -> None:
    """Lets the consumer's code read and write, but not delete, the objects below the bucket's prefix."""
    statements = policies.read_and_write_objects(bucket.arn, bucket.prefix)
    if bucket.key_arn is not None:
        statements.append(policies.encrypt_and_decrypt(bucket.key_arn, via="s3"))
    _grant(scope, id_, consumer, statements)


def grant_archives(scope: Construct, id_: str, *, bucket: BucketRef, consumer: Consumer) -> None:
    """Lets the consumer's code put archives below the bucket's prefix, read them and delete old ones."""
    statements = policies.keep_archives(bucket.arn, bucket.prefix)
    if bucket.key_arn is not None:
        statements.append(policies.encrypt_and_decrypt(bucket.key_arn, via="s3"))
    _grant(scope, id_, consumer, statements)


def grant_metrics(
    scope: Construct,
    id_: str,
    *,
    cluster: ClusterRef,
    partition: str,
    services: Sequence[str],
    namespace: str,
    consumer: Consumer,
) -> None:
    """Lets the consumer's code count and look at the tasks of services, and publish metrics.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        cluster: The cluster of the services.
        partition: AWS's partition, such as `aws`.
        services: Their names. Not their resources: they need not exist before the consumer starts.
        namespace: The namespace of the metrics in CloudWatch.
        consumer: Whose code.
    """
    ecs = _ecs(cluster, partition)
    statements = [
        policies.count_tasks([f"{ecs}:service/{cluster.name}/{service}" for service in services]),
        *policies.see_protections(
            cluster_arn=f"{ecs}:cluster/{cluster.name}", task_arns=f"{ecs}:task/{cluster.name}/*"
        ),
        policies.publish_metrics(namespace),
    ]
    _grant(scope, id_, consumer, statements)


def grant_protection(
    scope: Construct, id_: str, *, cluster: ClusterRef, partition: str, service_name: str, consumer: Consumer
) -> None:
    """Lets the consumer's tasks ask ECS not to stop them, and look whether their service replaces them.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        cluster: The cluster they run in.
        partition: AWS's partition, such as `aws`.
        service_name: The name of their ECS service.
        consumer: The service.
    """
    ecs = _ecs(cluster, partition)
    statements = policies.protect_own_task(
        task_arns=f"{ecs}:task/{cluster.name}/*", service_arn=f"{ecs}:service/{cluster.name}/{service_name}"
    )
    _grant(scope, id_, consumer, statements)


def grant_own_service(
    scope: Construct, id_: str, *, cluster: ClusterRef, partition: str, service_name: str, consumer: Consumer
) -> None:
    """Lets the consumer's tasks look whether their service replaces them.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        cluster: The cluster they run in.
        partition: AWS's partition, such as `aws`.
        service_name: The name of their ECS service.
        consumer: The service.
    """
    service_arn = f"{_ecs(cluster, partition)}:service/{cluster.name}/{service_name}"
    _grant(scope, id_, consumer, [policies.describe_own_service(service_arn)])


def _ecs(cluster: ClusterRef, partition: str) -> str:
    return f"arn:{partition}:ecs:{cluster.region}:{cluster.account_id}"


def _grant(scope: Construct, id_: str, consumer: Consumer, statements: Sequence[policies.Statement]) -> None:
    consumer.start_after(
        IamRolePolicy(
            scope, id_, name=id_, role=consumer.task_role_name, policy=policies.document(statements)
        )
    )
