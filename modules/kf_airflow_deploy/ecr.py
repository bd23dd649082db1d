"""A repository in ECR: where it is, and a login that ends by itself."""

import base64
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from kf_airflow_deploy.errors import DeployError
from kf_airflow_deploy.registry import Login, Registry

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


def repository(name: str, client: "ECRClient | None" = None) -> Registry:
    """Return a repository of the account in use, with a login good for twelve hours.

    Args:
        name: Its name in ECR.
        client: Who asks. By the AWS settings of the environment (credentials, profile, region, and
            ``AWS_ENDPOINT_URL`` for LocalStack) if left out.

    Raises:
        DeployError: When there is no such repository, or AWS does not say so.
    """
    try:
        ecr = client or boto3.client("ecr")
        found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
        granted = ecr.get_authorization_token()["authorizationData"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "RepositoryNotFoundException":
            raise DeployError(
                f"ECR has no repository {name!r} in this account and region: make it, or name another one "
                "(--repository)."
            ) from error
        raise DeployError(f"AWS refuses the repository {name!r} of ECR: {error}.") from error
    except BotoCoreError as error:
        raise DeployError(
            f"AWS cannot be asked for the repository {name!r} of ECR ({error}): give credentials "
            "and AWS_REGION, or --registry <host>/<repository> for a registry that is not ECR."
        ) from error
    username, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    return Registry(found["repositoryUri"], Login(username, password))
