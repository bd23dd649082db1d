"""What RDS writes to CloudWatch about a database: its logs, and the operating system's metrics."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from kf_airflow import policies
from kf_airflow.account import Account
from kf_airflow.findings import accept_finding
from kf_airflow.refs import KeyRef

# All of an account's instances share it.
_MONITORING_GROUP = "RDSOSMetrics"
_A_YEAR = 365


def place_log_groups(
    scope: Construct, *, names: Sequence[str], retention_days: int, key: KeyRef | None
) -> list[CloudwatchLogGroup]:
    """Makes the log groups before RDS does, which would keep them unencrypted and for ever.

    Args:
        scope: Where they are placed.
        names: What they are called.
        retention_days: How long CloudWatch keeps what is in them.
        key: What they are encrypted with. CloudWatch's own key if None.
    """
    groups = []
    for name in names:
        group = CloudwatchLogGroup(
            scope,
            f"log-group-{name.rsplit('/', 1)[-1]}",
            name=name,
            retention_in_days=retention_days,
            kms_key_id=key.arn if key else None,
        )
        if retention_days < _A_YEAR:
            accept_finding(group, "CKV_AWS_338", "log_retention_days is the user's choice")
        if key is None:
            accept_finding(group, "CKV_AWS_158", "Encrypted with CloudWatch's key, as no other was given")
        groups.append(group)
    return groups


def place_monitoring_role(scope: Construct, *, name: str, account: Account) -> tuple[IamRole, IamRolePolicy]:
    """Makes the role with which RDS writes a database's Enhanced Monitoring.

    Args:
        scope: Where it is placed.
        name: What RDS calls the database.
        account: The account it is in.

    Returns:
        The role, and its policy, without which RDS does not take it.
    """
    role = IamRole(
        scope,
        "monitoring-role",
        name_prefix=f"{name}-rds-",
        assume_role_policy=policies.assumed_by_monitoring(
            account_id=account.id, instance_arn=account.arn("rds", f"db:{name}")
        ),
        tags={"Name": f"{name}-rds"},
    )
    policy = IamRolePolicy(
        scope,
        "monitoring",
        name="monitoring",
        role=role.name,
        policy=policies.document(
            policies.write_monitoring(account.arn("logs", f"log-group:{_MONITORING_GROUP}"))
        ),
    )
    return role, policy
