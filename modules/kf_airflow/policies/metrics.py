"""What it takes to measure services and to tell CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence

from kf_airflow.policies.documents import Statement, allow


def count_tasks(service_arns: Sequence[str]) -> Statement:
    """Returns the statement that lets code read how many tasks ECS services have."""
    return allow("CountTasks", ["ecs:DescribeServices"], service_arns)


def see_protections(*, cluster_arn: str, task_arns: str) -> list[Statement]:
    """Returns the statements that let code see which tasks of a cluster are protected.

    Args:
        cluster_arn: The cluster.
        task_arns: Its tasks, as a pattern.
    """
    # ECS authorizes it on `*` unless a container instance is asked about, of which Fargate has none.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_id-based-policy-examples.html
    listing = allow("ListTasks", ["ecs:ListTasks"], ["*"])
    return [
        {**listing, "Condition": {"ArnEquals": {"ecs:cluster": cluster_arn}}},
        allow("SeeProtections", ["ecs:GetTaskProtection"], [task_arns]),
    ]


def publish_metrics(namespace: str) -> Statement:
    """Returns the statement that lets code publish metrics of one namespace.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
    """
    # IAM has no resource for it.
    statement = allow("PublishMetrics", ["cloudwatch:PutMetricData"], ["*"])
    return {**statement, "Condition": {"StringEquals": {"cloudwatch:namespace": namespace}}}
