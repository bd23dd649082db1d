"""What VPC flow logs take.

https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
"""

from __future__ import annotations

from kf_airflow.policies.documents import Statement, allow, document


def assumed_by_flow_logs(*, account_id: str, flow_log_arns: str) -> str:
    """Returns the trust policy of a role that flow logs of one account take on.

    Args:
        account_id: The account.
        flow_log_arns: The flow logs, as a pattern: AWS makes their ids, and wants the role before that.
    """
    return document(
        [
            {
                "Sid": "FlowLogs",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account_id},
                    "ArnLike": {"aws:SourceArn": flow_log_arns},
                },
            }
        ]
    )


def write_flow_logs(log_group_arn: str) -> Statement:
    """Returns the statement that lets flow logs write to a log group.

    It may not make one, lest the group comes back, kept for ever, when it was destroyed.
    """
    return allow(
        "WriteFlowLogs",
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [f"{log_group_arn}:*"],
    )
