"""What ECS needs to start tasks, and what tasks need of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kf_airflow.policies.documents import Statement, allow, document

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.(?P<suffix>amazonaws\.com(?:\.cn)?)/"
    r"(?P<repository>[^:@]+)(?:[:@].+)?"
)


def assumed_by_ecs_tasks(*, account_id: str, region: str) -> str:
    """Returns the trust policy of a role that the ECS tasks of one account and region take on.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    return document(
        [
            {
                "Sid": "EcsTasks",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Condition": {
                    "StringEquals": {"aws:SourceAccount": account_id},
                    # The partition is the account's.
                    "ArnLike": {"aws:SourceArn": f"arn:*:ecs:{region}:{account_id}:*"},
                },
            }
        ]
    )


def execute_commands() -> Statement:
    """Returns the statement that lets `aws ecs execute-command` into a task's containers.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html#ecs-exec-required-iam-permissions
    """
    return allow(
        "EcsExec",
        [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ],
        # IAM has no resource for them: a channel has no ARN.
        ["*"],
    )


def protect_own_task(*, task_arns: str, service_arn: str) -> list[Statement]:
    """Returns the statements that let a task ask ECS not to stop it, and whether its service replaces it.

    IAM cannot tell one task of a service from another, nor the tasks of one service of a cluster from those
    of another.

    Args:
        task_arns: The tasks of the cluster, as a pattern.
        service_arn: The service.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
    """
    return [
        allow("ProtectTask", ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"], [task_arns]),
        describe_own_service(service_arn),
    ]


def describe_own_service(service_arn: str) -> Statement:
    """Returns the statement that lets a task ask ECS whether its service replaces it."""
    return allow("DescribeOwnService", ["ecs:DescribeServices"], [service_arn])


def pull(images: Sequence[str]) -> list[Statement]:
    """Returns what ECS needs to pull `images`: nothing for those that do not lie in ECR."""
    repositories = sorted({arn for arn in map(_ecr_repository, images) if arn})
    if not repositories:
        return []
    return [
        # IAM has no resource for it: the token is for all of the account's registry.
        allow("RegistryLogin", ["ecr:GetAuthorizationToken"], ["*"]),
        allow(
            "PullImage",
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            repositories,
        ),
    ]


def write_logs(log_group_arn: str) -> Statement:
    """Returns the statement that lets ECS write a log group's streams."""
    return allow("WriteLogs", ["logs:CreateLogStream", "logs:PutLogEvents"], [f"{log_group_arn}:*"])


def read_secrets(secret_arns: Sequence[str]) -> Statement:
    """Returns the statement that lets ECS read the secrets it injects."""
    return allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secret_arns)


def _ecr_repository(image: str) -> str | None:
    match = _ECR_IMAGE.fullmatch(image)
    if match is None:
        return None
    partition = "aws-cn" if match["suffix"].endswith(".cn") else "aws"
    if match["region"].startswith("us-gov-"):
        partition = "aws-us-gov"
    return f"arn:{partition}:ecr:{match['region']}:{match['account']}:repository/{match['repository']}"
