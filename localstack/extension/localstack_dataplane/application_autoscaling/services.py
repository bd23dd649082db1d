"""The ECS services that are scaled, through the API of ECS."""

from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import ClientError

from localstack_dataplane.application_autoscaling.model import ScalableTarget
from localstack_dataplane.aws import Aws


@dataclass(frozen=True, kw_only=True)
class ServiceState:
    """How a service stands.

    Attributes:
        desired: Desired count.
        running: Tasks that run.
        deploying: Whether a deployment is under way.
    """

    desired: int
    running: int
    deploying: bool = False


class Services(Protocol):
    """What is needed of ECS."""

    def state(self, target: ScalableTarget) -> ServiceState | None:
        """How the service of a target stands; None if it is not ACTIVE."""
        ...

    def set_desired(self, target: ScalableTarget, count: int) -> str:
        """Change the desired count; says why where that fails, and nothing where it works."""
        ...


class EcsServices:
    """ECS, asked through its API.

    Args:
        aws: ECS.
    """

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def state(self, target: ScalableTarget) -> ServiceState | None:
        """How the service of a target stands; None if it is not ACTIVE."""
        _, cluster, service = target.resource.split("/")
        client = self._aws.client("ecs", target.account, target.region)
        try:
            found = client.describe_services(cluster=cluster, services=[service])["services"]
        except ClientError:  # of a cluster that is gone
            return None
        if not found or found[0]["status"] != "ACTIVE":
            return None
        return ServiceState(
            desired=found[0]["desiredCount"],
            running=found[0]["runningCount"],
            deploying=any(item.get("rolloutState") == "IN_PROGRESS" for item in found[0]["deployments"]),
        )

    def set_desired(self, target: ScalableTarget, count: int) -> str:
        """Change the desired count; says why where that fails, and nothing where it works."""
        _, cluster, service = target.resource.split("/")
        client = self._aws.client("ecs", target.account, target.region)
        try:
            client.update_service(cluster=cluster, service=service, desiredCount=count)
        except ClientError as error:
            return str(error.response["Error"]["Message"])
        return ""
