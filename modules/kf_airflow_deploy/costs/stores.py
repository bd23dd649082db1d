"""What of buckets, secrets, keys and DNS is paid for."""

from __future__ import annotations

from collections.abc import Iterator

from kf_airflow_deploy.costs.amounts import Amounts
from kf_airflow_deploy.costs.quantity import Quantity, several
from kf_airflow_deploy.costs.stack_resources import Resource, StackResources
from kf_airflow_deploy.costs.usage import Usage

_DAYS = 30.4
# The first two rotations of a key cost as much again each, so from the third year on it costs three times.
# https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
_MOST_KEY_VERSIONS = 3


def buckets(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields what the buckets keep and how often they are asked."""
    for bucket in stack.all("aws_s3_bucket"):
        access = "access-logs" in bucket.path
        name = "access logs" if access else "task logs"
        days = _expiration_days(stack, bucket)
        months = Amounts.of(days / _DAYS) if days else usage.s3_months_kept
        new = usage.access_logs_gb if access else usage.task_logs_gb
        yield Quantity(
            part="S3",
            item=f"{name}, kept for {f'{days} days' if days else 'good'}",
            price="s3.gb-month",
            amounts=new * months,
            options=("[access_logs] retention_days" if access else "[storage] expiration_days",),
        )
        if not access:
            yield Quantity(
                part="S3", item=f"{name}: writes", price="s3.write.thousand", amounts=usage.s3_writes * 0.001
            )
            yield Quantity(
                part="S3", item=f"{name}: reads", price="s3.read.thousand", amounts=usage.s3_reads * 0.001
            )


def secrets(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields the secrets, RDS's own among them, and how often they are read."""
    managed = [each for each in stack.all("aws_db_instance") if each.get("manage_master_user_password")]
    count = len(stack.all("aws_secretsmanager_secret")) + len(managed)
    if not count:
        return
    part = "Secrets Manager"
    yield Quantity(
        part=part,
        item=f"{count} secrets" + (", that of RDS among them" if managed else ""),
        price="secret.month",
        amounts=Amounts.of(count),
        options=("[existing.credentials]",),
    )
    yield Quantity(
        part=part, item="calls", price="secret.ten-thousand-calls", amounts=usage.secret_calls * 0.0001
    )


def keys(stack: StackResources, usage: Usage) -> Iterator[Quantity]:
    """Yields the keys and how often they are used."""
    found = stack.all("aws_kms_key")
    if not found:
        return
    rotated = sum(1 for each in found if each.get("enable_key_rotation"))
    most = len(found) + rotated * (_MOST_KEY_VERSIONS - 1)
    options = ("[key]", "[existing.key]", "[existing.alarm_topic]")
    yield Quantity(
        part="KMS",
        item=several(len(found), "key")
        + (", which cost more when they have been rotated" if rotated else ""),
        price="key.month",
        amounts=Amounts(len(found), len(found), most),
        options=options,
    )
    yield Quantity(
        part="KMS", item="requests", price="key.ten-thousand-requests", amounts=usage.key_requests * 0.0001
    )


def zones(stack: StackResources, _usage: Usage) -> Iterator[Quantity]:
    """Yields the private zones that Cloud Map makes."""
    if count := len(stack.all("aws_service_discovery_private_dns_namespace")):
        yield Quantity(
            part="DNS",
            item=several(count, "zone of Cloud Map, private"),
            price="hosted-zone.month",
            amounts=Amounts.of(count),
            options=("[existing.cluster]",),
        )


def _expiration_days(stack: StackResources, bucket: Resource) -> int | None:
    """Returns after how many days the bucket deletes what is in it; None if it does not."""
    for cycle in stack.referring("aws_s3_bucket_lifecycle_configuration", "bucket", bucket):
        for rule in cycle.get("rule", ()):
            for expiration in rule.get("expiration", ()):
                if expiration.get("days"):
                    return int(expiration["days"])
    return None
