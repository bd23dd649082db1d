"""Clients of LocalStack, and nothing of the user's own AWS settings."""

import json
import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"


def isolate(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take the user's AWS settings out of an environment, and reach this machine without a proxy.

    Profiles, credentials and endpoints of a real account must neither be used nor be in the way.

    Args:
        environment: Changed in place. Left out, this process's own.
    """
    for name in [name for name in environment if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"]:
        del environment[name]
    for name in ("NO_PROXY", "no_proxy"):
        hosts = [host for host in environment.get(name, "").split(",") if host]
        environment[name] = ",".join(dict.fromkeys([*hosts, "localhost", "127.0.0.1"]))


class LocalAws:
    """Clients of LocalStack's API.

    Args:
        endpoint_url: Where it is.
    """

    def __init__(self, endpoint_url: str) -> None:
        self._session = boto3.Session(
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - LocalStack takes any
            region_name=REGION,
        )
        self._options: dict[str, Any] = {
            "endpoint_url": endpoint_url,
            "config": Config(
                connect_timeout=5,
                read_timeout=30,
                retries={"max_attempts": 2},
                s3={"addressing_style": "path"},
            ),
        }

    @property
    def ecs(self) -> "ECSClient":
        """Client of ECS."""
        return self._session.client("ecs", **self._options)

    @property
    def elbv2(self) -> "ElasticLoadBalancingv2Client":
        """Client of the load balancers."""
        return self._session.client("elbv2", **self._options)

    @property
    def logs(self) -> "CloudWatchLogsClient":
        """Client of CloudWatch Logs."""
        return self._session.client("logs", **self._options)

    @property
    def s3(self) -> "S3Client":
        """Client of S3."""
        return self._session.client("s3", **self._options)

    def secret(self, arn: str) -> dict[str, str]:
        """Return the values of a secret by key.

        Args:
            arn: The secret's ARN.
        """
        answer = self._session.client("secretsmanager", **self._options).get_secret_value(SecretId=arn)
        values: dict[str, str] = json.loads(answer["SecretString"])
        return values
