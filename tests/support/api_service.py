"""The API service of `tests/examples`, deployed: through its load balancer, its stores from the inside."""

from functools import cached_property
from typing import Any

import requests
import stacks  # first: the bindings then load one by one

# isort: split
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from contract_image import API_SERVICE, built_image
from docker.models.containers import Container
from local_cloud import LABEL, REGION
from local_stores import LocalStores
from project import ROOT
from synthesis import Synthesized, synthesize_stack
from terraform_stack import DeployedStack
from waiting import wait_for

EXAMPLE = stacks.example("api_service")
NAME: str = EXAMPLE.NAME
_SECONDS = 15


def synthesized() -> Synthesized:
    """Synthesizes the stack for the local cloud."""

    def make(app: App) -> TerraformStack:
        stack = TerraformStack(app, "api")
        AwsProvider(stack, "aws", region=REGION)
        EXAMPLE.place(
            stack,
            image=built_image(API_SERVICE),
            ca_certificates=(ROOT / "build/local/ca/ca.pem").read_text(),
            disposable=True,
        )
        return stack

    return synthesize_stack(make)


class ApiService(LocalStores):
    """What Terraform made of it.

    Args:
        stack: The stack, applied.
    """

    def __init__(self, stack: DeployedStack) -> None:
        super().__init__()
        applied = stack.applied
        (self.cluster,) = (found["name"] for found in applied["aws_ecs_cluster"])
        (self._balancer,) = (found["arn"] for found in applied["aws_lb"])
        (self._secret,) = (
            found["arn"]
            for found in applied["aws_secretsmanager_secret"]
            if found["name"] == f"{NAME}/broker"
        )

    @property
    def outputs(self) -> dict[str, Any]:
        """What `LocalStores` asks for."""
        return {"broker_secret_arn": self._secret}

    def get(self, path: str) -> requests.Response:
        """Asks the load balancer."""
        return requests.get(f"{self._url}{path}", timeout=_SECONDS)

    def post(self, **job: object) -> str:
        """Posts a job; returns its id."""
        answer = requests.post(f"{self._url}/jobs", json=job, timeout=_SECONDS)
        assert answer.status_code == 202, answer.text
        id_: str = answer.json()["id"]
        return id_

    def wait_for_job(self, id_: str, status: str, *, timeout_seconds: float = 60) -> dict[str, Any]:
        """Waits until a job is that far, and returns what the API tells of it."""
        return wait_for(
            f"job {id_} is {status}",
            lambda: self.get(f"/jobs/{id_}").json(),
            lambda job: job.get("status") == status,
            timeout_seconds=timeout_seconds,
            interval_seconds=0.5,
        )

    def rows(self, statement: str) -> list[str]:
        """Asks PostgreSQL."""
        return self.psql(statement, identifier=NAME, name="dataservice")

    def keys(self, database: int) -> set[str]:
        """The keys of a logical database of Redis."""
        return set(self.redis("-n", str(database), "--scan", node=f"{NAME}-001"))

    def service(self, name: str) -> dict[str, Any]:
        """A service as DescribeServices gives it: `web`, `workers` or `scheduler`."""
        answer = self.aws("ecs").describe_services(cluster=self.cluster, services=[f"{NAME}-{name}"])
        found: dict[str, Any] = answer["services"][0]
        return found

    def tasks(self, name: str) -> list[str]:
        """ARNs of the tasks of a service that run."""
        ecs = self.aws("ecs")
        arns = ecs.list_tasks(cluster=self.cluster, serviceName=f"{NAME}-{name}")["taskArns"]
        found = ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []
        return [task["taskArn"] for task in found if task["lastStatus"] == "RUNNING"]

    def kill(self, container: str) -> set[str]:
        """Kills the containers with that name as the kernel would; returns the ARNs of their tasks."""
        running = [
            found
            for found in self.containers(kind="ecs-container", container=container)
            if NAME in str(found.name) and found.status == "running"
        ]
        assert running, f"no container {container} runs"
        for found in running:
            found.kill("SIGKILL")
        return {found.labels[f"{LABEL}.resource"] for found in running}

    @property
    def left(self) -> set[str]:
        """The containers there are of it."""
        return {str(found.name) for found in self.containers() if NAME in str(found.name)}

    @cached_property
    def _url(self) -> str:
        def look() -> list[dict[str, str]]:
            found: list[Container] = self.containers(kind="elbv2", resource=self._balancer)
            return [port for balancer in found for port in balancer.ports.get("80/tcp") or ()]

        # A listener that was just made is a moment later seen from the host.
        (published,) = wait_for("the listener is published", look, bool, timeout_seconds=30)
        return f"http://{published['HostIp']}:{published['HostPort']}"
