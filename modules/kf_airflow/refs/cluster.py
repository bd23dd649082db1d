"""An ECS cluster, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.tables import Table


@dataclass(frozen=True, kw_only=True)
class ClusterRef(Table):
    """An ECS cluster with the capacity providers FARGATE and FARGATE_SPOT, and what all services in it share.

    Args:
        name: The cluster's name.
        arn: The cluster's ARN.
        region: The region it is in.
        account_id: The account it is in, twelve digits.
        namespace_id: The private Cloud Map namespace services register in.
        namespace_name: Its DNS name.
        log_group_prefix: What the services' log groups begin with; `<prefix>/<service>` is made for each.
        log_retention_days: How long CloudWatch keeps them, in days. 30 if left out.
        log_key_arn: The KMS key they are encrypted with, which CloudWatch Logs may use. CloudWatch's own key
            if left out.
    """

    name: str
    arn: str
    region: str
    account_id: str
    namespace_id: str
    namespace_name: str
    log_group_prefix: str
    log_retention_days: int = 30
    log_key_arn: str | None = None
