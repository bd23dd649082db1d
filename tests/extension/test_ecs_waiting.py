"""Whoever waits for a service is told the truth: the SDK's waiter, the history of deployments, Terraform.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import moto_account
import pytest
from botocore.exceptions import WaiterError
from contract import ENDPOINT, IN_AWS, REGION, Cloud, unique, wait_for
from python_terraform import IsFlagged

from kf_airflow_local import synthesis, terraform
from kf_airflow_local.errors import LauncherError
from kf_airflow_local.workspace import Workspace

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
NO_ROLLBACK = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
PROVIDER = "6.25.0"


@pytest.fixture(scope="module")
def unstartable(cloud: Cloud) -> str:
    """A task definition whose tasks never run: what they log has nowhere to go."""
    container = cloud.container("main", "run", "pass")
    container["logConfiguration"]["options"]["awslogs-group"] = unique("none")
    return cloud.task_definition(container)


def wait_stable(cloud: Cloud, service: str, *, attempts: int) -> None:
    # https://docs.aws.amazon.com/cli/latest/reference/ecs/wait/services-stable.html
    cloud.client("ecs").get_waiter("services_stable").wait(
        cluster=cloud.cluster, services=[service], WaiterConfig={"Delay": 1, "MaxAttempts": attempts}
    )


def newest(cloud: Cloud, service: str) -> dict[str, Any]:
    """Returns the newest deployment of a service as DescribeServiceDeployments gives it."""
    ecs = cloud.client("ecs")
    found = ecs.list_service_deployments(cluster=cloud.cluster, service=service)["serviceDeployments"]
    arn = max(found, key=lambda item: item["createdAt"])["serviceDeploymentArn"]
    described: dict[str, Any] = ecs.describe_service_deployments(serviceDeploymentArns=[arn])[
        "serviceDeployments"
    ][0]
    return described


def wait_for_deployment(cloud: Cloud, service: str, status: str) -> dict[str, Any]:
    return wait_for(
        f"the newest deployment of {service} is {status}",
        lambda: newest(cloud, service),
        lambda found: found["status"] == status,
        timeout_seconds=120,
        interval_seconds=0.25,
    )


def test_the_waiter_returns_when_the_new_tasks_have_replaced_the_old(cloud: Cloud, sleeper: str) -> None:
    with cloud.service(sleeper) as service:
        wait_stable(cloud, service, attempts=60)
        before = {task["taskArn"] for task in cloud.tasks_of(service)}
        cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, forceNewDeployment=True)
        wait_stable(cloud, service, attempts=60)

        tasks = cloud.tasks_of(service)
        assert [task["lastStatus"] for task in tasks] == ["RUNNING"]
        assert not before & {task["taskArn"] for task in tasks}


def test_the_waiter_gives_up_on_a_service_whose_tasks_do_not_run(cloud: Cloud, unstartable: str) -> None:
    with cloud.service(unstartable) as service, pytest.raises(WaiterError, match="Max attempts exceeded"):
        wait_stable(cloud, service, attempts=8)


def test_a_deployment_that_completes_is_successful(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
    with cloud.service(sleeper, deploymentConfiguration=BREAKER) as service:
        first = newest(cloud, service)
        assert first["status"] == "IN_PROGRESS"

        found = wait_for_deployment(cloud, service, "SUCCESSFUL")

        assert found["serviceDeploymentArn"] == first["serviceDeploymentArn"]
        revision = found["targetServiceRevision"]
        assert (revision["requestedTaskCount"], revision["runningTaskCount"]) == (1, 1)
        assert found["deploymentCircuitBreaker"]["status"] == "MONITORING_COMPLETE"


def test_a_deployment_names_its_revision_by_the_deployment_of_the_service(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html
    with cloud.service(sleeper) as service:
        number = cloud.described(service)["deployments"][0]["id"].rpartition("/")[2]
        arn = newest(cloud, service)["targetServiceRevision"]["arn"]
        found = cloud.client("ecs").describe_service_revisions(serviceRevisionArns=[arn])

        assert arn.endswith(f":service-revision/{cloud.cluster}/{service}/{number}")
        assert found["serviceRevisions"][0]["taskDefinition"] == sleeper


def test_a_deployment_that_is_rolled_back_says_so(cloud: Cloud, sleeper: str, failing: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    with cloud.service(sleeper, deploymentConfiguration=BREAKER) as service:
        first = wait_for_deployment(cloud, service, "SUCCESSFUL")
        cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, taskDefinition=failing)

        found = wait_for_deployment(cloud, service, "ROLLBACK_SUCCESSFUL")

        assert "circuit breaker" in found["statusReason"]
        assert found["rollback"]["serviceRevisionArn"] == first["targetServiceRevision"]["arn"]
        assert found["deploymentCircuitBreaker"]["status"] == "TRIGGERED"


def test_a_deployment_that_is_stopped_is_rolled_back(cloud: Cloud, sleeper: str, failing: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
    with cloud.service(sleeper) as service:
        wait_for_deployment(cloud, service, "SUCCESSFUL")
        ecs = cloud.client("ecs")
        ecs.update_service(cluster=cloud.cluster, service=service, taskDefinition=failing)

        ecs.stop_service_deployment(
            serviceDeploymentArn=newest(cloud, service)["serviceDeploymentArn"], stopType="ROLLBACK"
        )

        wait_for_deployment(cloud, service, "ROLLBACK_SUCCESSFUL")
        assert cloud.described(service)["taskDefinition"] == sleeper


def test_a_deployment_that_fails_without_rollback_stops(cloud: Cloud, failing: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html (stoppedAt)
    with cloud.service(failing, deploymentConfiguration=NO_ROLLBACK) as service:
        found = wait_for_deployment(cloud, service, "STOPPED")

        assert found["stoppedAt"] >= found["createdAt"]


def test_a_deployment_that_is_not_there_is_missing(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceDeployments.html
    arn = f"arn:aws:ecs:{REGION}:000000000000:service-deployment/{cloud.cluster}/none/{'a' * 21}"
    answer = cloud.client("ecs").describe_service_deployments(serviceDeploymentArns=[arn])

    assert (answer["serviceDeployments"], answer["failures"][0]["reason"]) == ([], "MISSING")


class Stack:
    """A stack of one service, for whose steady state Terraform waits."""

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud, self.name = cloud, unique("contract")
        self._workspace = Workspace(folder)
        self._driver = terraform.Terraform(self._workspace, lambda _: None)

    def choose(self, definition: str, **changes: Any) -> bool:
        """Writes the stack with a task definition; returns whether only the old provider is to be had."""
        document = self._document({"task_definition": definition, **changes})
        return synthesis.initialize(self._workspace, document, lambda _: None).old

    def apply(self) -> None:
        """Applies the stack; where Terraform fails that is a LauncherError."""
        terraform.plan(self._driver)
        terraform.apply(self._driver)

    def plans_changes(self) -> bool:
        """Plans again; returns whether there is anything to change."""
        return terraform.plan(self._driver)

    def destroy(self) -> None:
        self._driver.destroy(force=None, auto_approve=IsFlagged)

    def _document(self, changes: dict[str, Any]) -> dict[str, Any]:
        awsvpc = self.cloud.network_configuration["awsvpcConfiguration"]
        service = {
            "name": self.name,
            "cluster": self.cloud.cluster,
            "desired_count": 1,
            "launch_type": "FARGATE",
            "network_configuration": {
                "subnets": awsvpc["subnets"],
                "security_groups": awsvpc["securityGroups"],
            },
            "deployment_circuit_breaker": {"enable": True, "rollback": True},
            "wait_for_steady_state": True,
        }
        return {
            "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER}}},
            "provider": {"aws": [{"region": REGION, **moto_account.provider_arguments(ENDPOINT)}]},
            "resource": {"aws_ecs_service": {"it": {**service, **changes}}},
        }


def new_stack(cloud: Cloud, folder: Path) -> Iterator[Stack]:
    if IN_AWS:
        pytest.skip("The stack is for the local cloud.")
    stack = Stack(cloud, folder)
    yield stack
    stack.destroy()


@pytest.fixture(scope="module")
def stack(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that is destroyed afterwards."""
    yield from new_stack(cloud, tmp_path_factory.mktemp("steady"))


@pytest.fixture
def failing_stack(cloud: Cloud, tmp_path: Path) -> Iterator[Stack]:
    """Another one."""
    yield from new_stack(cloud, tmp_path)


def test_terraform_waits_until_the_service_runs(cloud: Cloud, stack: Stack, sleeper: str) -> None:
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service
    stack.choose(sleeper)
    stack.apply()

    assert cloud.described(stack.name)["runningCount"] == 1


def test_terraform_sees_that_a_deployment_was_rolled_back(stack: Stack, failing: str) -> None:
    # The provider looks at the deployment since version 6. Before, a service that was rolled back was steady,
    # and the next plan showed what had become of it:
    # https://github.com/hashicorp/terraform-provider-aws/issues/20858
    old = stack.choose(failing)
    try:
        stack.apply()
    except LauncherError:
        failed = True
    else:
        failed = False

    assert failed != old
    assert stack.plans_changes()


def test_terraform_fails_if_the_tasks_do_not_run(failing_stack: Stack, unstartable: str) -> None:
    # https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecs_service#timeouts
    if failing_stack.choose(unstartable, timeouts={"create": "30s"}):
        pytest.skip("The old provider has no such limit, and waits for ten minutes.")

    with pytest.raises(LauncherError, match="could not apply"):
        failing_stack.apply()
