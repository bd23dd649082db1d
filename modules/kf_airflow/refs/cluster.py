"""An ECS cluster, whoever made it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kf_airflow.log_retention import checked_retention
from kf_airflow.refs.ref import Ref

_TEXTS = (
    ("region", re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]"), "are regions such as us-east-1"),
    ("account_id", re.compile(r"[0-9]{12}"), "are twelve digits"),
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    ("log_group_prefix", re.compile(r"[A-Za-z0-9_./#-]{1,256}"), "are letters, digits and any of _./#-"),
)


@dataclass(frozen=True, kw_only=True)
class ClusterRef(Ref):
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

    Raises:
        ValueError: if a value is not allowed.
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

    def __post_init__(self) -> None:
        super().__post_init__()
        for key, pattern, allowed in _TEXTS:
            value = getattr(self, key)
            # Terraform's references stand for any text.
            if "${" not in value and not pattern.fullmatch(value):
                raise ValueError(f"{key} is {value!r}: allowed {allowed}")
        checked_retention("log_retention_days", self.log_retention_days)
