"""IAM policies, as plain data.

Every statement names its resources. The one `*` is where IAM knows no resource for the action.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_ECR_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.(?P<suffix>amazonaws\.com(?:\.cn)?)/"
    r"(?P<repository>[^:@]+)(?:[:@].+)?"
)

Statement = dict[str, object]


def document(statements: Sequence[Statement]) -> str:
    """Returns statements as the JSON of a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(sid: str, actions: Sequence[str], resources: Sequence[str]) -> Statement:
    """Returns the statement that allows `actions` on `resources`."""
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}


def assumed_by_ecs_tasks() -> str:
    """Returns the trust policy of a role that ECS tasks take on."""
    return document(
        [
            {
                "Sid": "EcsTasks",
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            }
        ]
    )


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


def read_objects(bucket_arn: str, prefix: str) -> list[Statement]:
    """Returns what reading the objects below `prefix` takes.

    Listing belongs to it: without `s3:ListBucket` S3 answers 403 instead of 404 for an object that is not
    there, which Airflow takes for a failure and gives up uploading the log.
    """
    return [
        allow("ReadObjects", ["s3:GetObject"], [f"{bucket_arn}/{prefix}/*"]),
        # Without a condition on the prefix: HeadObject of a missing key asks for the permission and names
        # none.
        allow("ListObjects", ["s3:ListBucket"], [bucket_arn]),
    ]


def read_and_write_objects(bucket_arn: str, prefix: str) -> list[Statement]:
    """Returns what reading and writing the objects below `prefix` takes. Nothing may be deleted."""
    return [
        *read_objects(bucket_arn, prefix),
        allow("WriteObjects", ["s3:PutObject"], [f"{bucket_arn}/{prefix}/*"]),
    ]


def tls_only(bucket_arn: str) -> str:
    """Returns the bucket policy that refuses every request without TLS."""
    return document(
        [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [bucket_arn, f"{bucket_arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    )


def _ecr_repository(image: str) -> str | None:
    match = _ECR_IMAGE.fullmatch(image)
    if match is None:
        return None
    partition = "aws-cn" if match["suffix"].endswith(".cn") else "aws"
    if match["region"].startswith("us-gov-"):
        partition = "aws-us-gov"
    return f"arn:{partition}:ecr:{match['region']}:{match['account']}:repository/{match['repository']}"
