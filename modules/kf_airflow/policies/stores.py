"""What RDS is let do on behalf of a database."""

from __future__ import annotations

from collections.abc import Sequence

from kf_airflow.policies.documents import Statement, allow, document


def assumed_by_monitoring(*, account_id: str, instance_arn: str) -> str:
    """Returns the trust policy of a role that Enhanced Monitoring takes on for one instance alone.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    """
    return document(
        [
            {
                "Sid": "RdsMonitoring",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "monitoring.rds.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account_id},
                    "ArnLike": {"aws:SourceArn": instance_arn},
                },
            }
        ]
    )


def assumed_by_proxy() -> str:
    """Returns the trust policy of a role that an RDS Proxy takes on.

    Without a condition: AWS names none that proxies meet, and only who may pass the role in its own account
    can give it to a proxy.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html
    """
    return document(
        [
            {
                "Sid": "RdsProxy",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "rds.amazonaws.com"},
            }
        ]
    )


def write_monitoring(log_group_arn: str) -> Sequence[Statement]:
    """Returns what Enhanced Monitoring takes to write the operating system's metrics to its log group.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    """
    return [
        allow("MonitoringGroup", ["logs:CreateLogGroup", "logs:PutRetentionPolicy"], [log_group_arn]),
        allow(
            "MonitoringStreams",
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:GetLogEvents", "logs:PutLogEvents"],
            [f"{log_group_arn}:log-stream:*"],
        ),
    ]
