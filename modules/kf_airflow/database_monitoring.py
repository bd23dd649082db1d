"""What RDS writes to CloudWatch about a database's operating system."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from kf_airflow import policies
from kf_airflow.account import Account

# All of an account's instances share it.
_MONITORING_GROUP = "RDSOSMetrics"


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
