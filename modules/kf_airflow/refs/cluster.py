"""An ECS cluster, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClusterRef:
    """An ECS cluster, and what all services in it share.

    Args:
        name: The cluster's name.
        arn: The cluster's ARN.
        region: The region it is in.
        namespace_id: The private Cloud Map namespace services register in.
        namespace_name: Its DNS name.
        log_group_prefix: What the services' log groups begin with; `<prefix>/<service>` is made for each.
        log_retention_days: How long CloudWatch keeps them, in days. 30 if left out.
    """

    name: str
    arn: str
    region: str
    namespace_id: str
    namespace_name: str
    log_group_prefix: str
    log_retention_days: int = 30
