"""What CloudWatch is told of a VPC's connections."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.flow_log import FlowLog
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from constructs import Construct

from kf_airflow import policies
from kf_airflow.account import Account
from kf_airflow.log_groups import place_log_group
from kf_airflow.refs import KeyRef


def place_flow_logs(
    scope: Construct,
    *,
    name: str,
    vpc_id: str,
    traffic: str,
    retention_days: int,
    account: Account,
    key: KeyRef | None,
) -> None:
    """Makes a VPC's flow log, the log group `/aws/vpc/<name>/flow` and the role that writes there.

    Args:
        scope: Where they are placed. Once in a scope.
        name: What they are called.
        vpc_id: The VPC.
        traffic: Which connections: `ALL`, `ACCEPT` or `REJECT`.
        retention_days: How long CloudWatch keeps them.
        account: The account the VPC is in.
        key: What the log group is encrypted with. CloudWatch's own key if None.
    """
    group = place_log_group(
        scope,
        "flow-log-group",
        name=f"/aws/vpc/{name}/flow",
        retention_days=retention_days,
        key_arn=key.arn if key else None,
    )
    role = IamRole(
        scope,
        "flow-logs-role",
        name_prefix=f"{name}-flow-logs-",
        assume_role_policy=policies.assumed_by_flow_logs(
            account_id=account.id, flow_log_arns=account.arn("ec2", "vpc-flow-log/*")
        ),
        tags={"Name": f"{name}-flow-logs"},
    )
    policy = IamRolePolicy(
        scope,
        "flow-logs-policy",
        name="flow-logs",
        role=role.name,
        policy=policies.document([policies.write_flow_logs(group.arn)]),
    )
    FlowLog(
        scope,
        "flow-logs",
        vpc_id=vpc_id,
        traffic_type=traffic,
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        tags={"Name": name},
        # Without it the first records are lost.
        depends_on=[policy],
    )
