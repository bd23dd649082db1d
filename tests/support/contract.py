"""The cloud that the contract suite is about, through its API alone: LocalStack's, or AWS's own.

`CONTRACT_ENDPOINT` is the address of the API, `http://localhost:4566` if it is not set; `aws` is AWS itself,
with the credentials and the region of the environment, and `CONTRACT_IMAGE` an image there, made of
`tests/extension/image`.
"""

import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import boto3
import localstack_client.session
import waiting
from botocore.config import Config
from botocore.exceptions import ClientError
from contract_network import make_network, make_role

REGION = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
ENDPOINT = os.environ.get("CONTRACT_ENDPOINT", "http://localhost:4566")
IN_AWS = ENDPOINT == "aws"
MINUTE = 60 if IN_AWS else 60 / float(os.environ.get("DATAPLANE_TIME_SCALE", "60"))
"""What a minute of waiting lasts, in seconds; see `nox -s extension`."""

PATIENCE = 5 if IN_AWS else 1
"""How many times as long AWS may take for what the local cloud does in seconds, such as starting a task."""

wait_for = partial(waiting.wait_for, patience=PATIENCE)
"""Waits as `waiting.wait_for` does, and longer in AWS."""


def states_until(
    what: str, look: Callable[[], str], last: str, *, timeout_seconds: float, interval_seconds: float
) -> list[str]:
    """Waits until a state is the last one, and returns all that were seen until then.

    Args:
        what: What is waited for, as it should read in the error.
        look: Returns the present state.
        last: The state that ends it.
        timeout_seconds: The limit, in seconds.
        interval_seconds: Seconds between two looks.
    """
    seen: list[str] = []

    def looked() -> list[str]:
        seen.append(look())
        return seen

    return wait_for(
        what,
        looked,
        lambda states: states[-1] == last,
        timeout_seconds=timeout_seconds,
        interval_seconds=interval_seconds,
    )


def unique(name: str) -> str:
    """Returns a name that nothing else has."""
    return f"{name}-{uuid.uuid4().hex[:8]}"


@dataclass(eq=False)
class Cloud:
    """The API, and what a test needs around it.

    Args:
        image: The image of the suite.
    """

    image: str
    _undo: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def _session(self) -> Any:
        if IN_AWS:
            return boto3.Session(region_name=REGION)
        # `localhost` of localstack-client is where LocalStack is, whatever the port.
        return localstack_client.session.Session(region_name=REGION)

    def client(self, service: str, **options: Any) -> Any:
        """Returns a client of a service."""
        # Some operations go to a host of their own, such as data-servicediscovery, which is in AWS alone.
        local = {"endpoint_url": ENDPOINT, "config": Config(inject_host_prefix=False)}
        return self._session.client(service, **{**({} if IN_AWS else local), **options})

    def finally_do(self, undo: Callable[..., Any], *arguments: Any, **keywords: Any) -> None:
        """Does something at the end of the suite, last first."""
        self._undo.callback(undo, *arguments, **keywords)

    @cached_property
    def network(self) -> dict[str, Any]:
        """A VPC, two subnets in different zones, and a security group that lets in all of the VPC."""
        return make_network(
            self.client("ec2"),
            name=unique("contract"),
            region=REGION,
            in_aws=IN_AWS,
            finally_do=self.finally_do,
        )

    @cached_property
    def network_configuration(self) -> dict[str, Any]:
        """The network as RunTask and CreateService take it."""
        return {
            "awsvpcConfiguration": {
                "subnets": self.network["subnets"],
                "securityGroups": [self.network["group"]],
                "assignPublicIp": "ENABLED" if IN_AWS else "DISABLED",
            }
        }

    @cached_property
    def role(self) -> str:
        """A role that tasks take on, for ECS and for their code."""
        return make_role(self.client("iam"), name=unique("contract"), finally_do=self.finally_do)

    @cached_property
    def log_group(self) -> str:
        """A log group for the tasks."""
        logs, name = self.client("logs"), unique("contract")
        logs.create_log_group(logGroupName=name)
        self.finally_do(logs.delete_log_group, logGroupName=name)
        return name

    @cached_property
    def cluster(self) -> str:
        """A cluster with both capacity providers of Fargate."""
        ecs, name = self.client("ecs"), unique("contract")
        ecs.create_cluster(clusterName=name, capacityProviders=["FARGATE", "FARGATE_SPOT"])
        self.finally_do(self._delete_cluster, name)
        return name

    def _delete_cluster(self, name: str) -> None:
        """Stops the tasks that a test has left, and deletes the cluster when its last service is gone."""
        ecs = self.client("ecs")
        for task in ecs.list_tasks(cluster=name)["taskArns"]:
            ecs.stop_task(cluster=name, task=task)

        def look() -> str:
            try:
                ecs.delete_cluster(cluster=name)
            except ClientError as error:
                return str(error)
            return ""

        wait_for("the cluster is deleted", look, lambda error: not error, timeout_seconds=120)

    def container(self, name: str, *words: str, **changes: Any) -> dict[str, Any]:
        """Returns the definition of a container of the suite's image that logs."""
        return {
            "name": name,
            "image": self.image,
            "command": list(words),
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": self.log_group,
                    "awslogs-region": REGION,
                    "awslogs-stream-prefix": "contract",
                },
            },
            **changes,
        }

    def task_definition(self, *containers: Mapping[str, Any], **changes: Any) -> str:
        """Registers a task definition and returns its ARN."""
        ecs = self.client("ecs")
        definition = ecs.register_task_definition(
            **{
                "family": unique("contract"),
                "requiresCompatibilities": ["FARGATE"],
                "networkMode": "awsvpc",
                "cpu": "256",
                "memory": "512",
                "executionRoleArn": self.role,
                "taskRoleArn": self.role,
                "containerDefinitions": list(containers),
                **changes,
            }
        )
        arn: str = definition["taskDefinition"]["taskDefinitionArn"]
        self.finally_do(ecs.deregister_task_definition, taskDefinition=arn)
        return arn

    def run_task(self, task_definition: str, **changes: Any) -> str:
        """Starts a task; returns its ARN."""
        answer = self.client("ecs").run_task(
            cluster=self.cluster,
            taskDefinition=task_definition,
            networkConfiguration=self.network_configuration,
            **({"launchType": "FARGATE"} | changes if "capacityProviderStrategy" not in changes else changes),
        )
        assert answer["failures"] == [], answer
        arn: str = answer["tasks"][0]["taskArn"]
        return arn

    def task(self, arn: str) -> dict[str, Any]:
        """Returns a task as DescribeTasks gives it."""
        task: dict[str, Any] = self.client("ecs").describe_tasks(cluster=self.cluster, tasks=[arn])["tasks"][
            0
        ]
        return task

    def wait_for_task(self, arn: str, status: str, *, timeout_seconds: float = 60) -> dict[str, Any]:
        """Waits until a task is in a state, such as `RUNNING` or `STOPPED`, and returns it."""
        return wait_for(
            f"task {arn} is {status}",
            lambda: self.task(arn),
            lambda task: task["lastStatus"] == status,
            timeout_seconds=timeout_seconds,
            interval_seconds=0.25,
        )

    def log(self, task_arn: str, container: str = "main") -> list[str]:
        """Returns the lines that a container has logged."""
        stream = f"contract/{container}/{task_arn.rpartition('/')[2]}"
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=self.log_group, logStreamNames=[stream])
        )
        return [event["message"] for page in pages for event in page["events"]]

    def run_code(self, code: str, **changes: Any) -> tuple[int, list[str]]:
        """Runs Python in a task inside the network; returns the exit code and what it printed."""
        definition = self.task_definition(self.container("main", "run", code, **changes))
        arn = self.run_task(definition)
        task = self.wait_for_task(arn, "STOPPED", timeout_seconds=120)
        return task["containers"][0].get("exitCode", -1), self.log(arn)

    @contextmanager
    def service(self, task_definition: str, *, count: int = 1, **options: Any) -> Iterator[str]:
        """Makes a service, and takes it down afterwards."""
        ecs, name = self.client("ecs"), unique("contract")
        ecs.create_service(
            cluster=self.cluster,
            serviceName=name,
            taskDefinition=task_definition,
            desiredCount=count,
            networkConfiguration=self.network_configuration,
            **({"launchType": "FARGATE"} | options if "capacityProviderStrategy" not in options else options),
        )
        try:
            yield name
        finally:
            ecs.delete_service(cluster=self.cluster, service=name, force=True)

    def described(self, service: str) -> dict[str, Any]:
        """Returns a service as DescribeServices gives it."""
        answer = self.client("ecs").describe_services(cluster=self.cluster, services=[service])
        found: dict[str, Any] = answer["services"][0]
        return found

    def tasks_of(self, service: str) -> list[dict[str, Any]]:
        """Returns the tasks of a service that are not to stop."""
        ecs = self.client("ecs")
        arns: Sequence[str] = ecs.list_tasks(cluster=self.cluster, serviceName=service)["taskArns"]
        tasks = ecs.describe_tasks(cluster=self.cluster, tasks=arns)["tasks"] if arns else []
        return [task for task in tasks if task["desiredStatus"] == "RUNNING"]

    def close(self) -> None:
        """Removes what was made."""
        self._undo.close()
