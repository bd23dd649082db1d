"""The deployed local system, seen from outside: Terraform's outputs, the AWS API, Docker."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import docker
import localstack_client.session
from airflow_api import AirflowApi
from docker.models.containers import Container
from project import ROOT
from python_terraform import Terraform
from waiting import wait_for

INSTANCE = "kf-airflow-local"
REGION = "us-east-1"
LABEL = "localstack-dataplane"
COMPONENTS = ("airflow", "worker", "flower")
# Of what DescribeTaskDefinition answers, what RegisterTaskDefinition takes.
_OF_REVISIONS = {
    *("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes"),
    *("requiresCompatibilities", "cpu", "memory", "runtimePlatform", "ephemeralStorage"),
}


class LocalSystem:
    """What `nox -s up` deployed."""

    def __init__(self) -> None:
        self.terraform = Terraform(working_dir=str(ROOT / "build/local/terraform"))
        self.docker = docker.from_env()
        self._aws = localstack_client.session.Session(region_name=REGION)

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """Terraform's outputs, by name."""
        found = self.terraform.output() or {}
        assert found, "Terraform has no outputs: is the local system up? (nox -s up)"
        return {name: output["value"] for name, output in found.items()}

    def aws(self, service: str) -> Any:
        """A boto3 client of LocalStack."""
        return self._aws.client(service)

    def secret(self, output: str) -> dict[str, str]:
        """The JSON of the secret whose ARN is in that output."""
        answer = self.aws("secretsmanager").get_secret_value(SecretId=self.outputs[output])
        values: dict[str, str] = json.loads(answer["SecretString"])
        return values

    def airflow(self) -> AirflowApi:
        """A client of Airflow's REST API, logged in as the administrator."""
        admin = self.secret("admin_secret_arn")
        return AirflowApi(
            self.outputs["webserver_url"], username=admin["username"], password=admin["password"]
        )

    def service(self, component: str) -> dict[str, Any]:
        """The ECS service of `airflow`, `worker` or `flower`, as DescribeServices gives it."""
        answer = self.aws("ecs").describe_services(
            cluster=self.outputs["cluster_name"], services=[self.outputs[f"{component}_service_name"]]
        )
        service: dict[str, Any] = answer["services"][0]
        return service

    def scale(self, component: str, count: int, *, timeout_seconds: float = 240) -> None:
        """Sets a service's desired count through the ECS API and waits until that many tasks run.

        If there is an autoscaler of the service, it leaves that alone until `release`.
        """
        self._suspend(component, suspended=True)
        self.aws("ecs").update_service(
            cluster=self.outputs["cluster_name"],
            service=self.outputs[f"{component}_service_name"],
            desiredCount=count,
        )
        wait_for(
            f"{component} at {count} tasks",
            lambda: (
                {
                    key: self.service(component)[key]
                    for key in ("desiredCount", "runningCount", "pendingCount")
                },
                sorted(
                    (task["lastStatus"], task.get("healthStatus"))
                    for task in self.tasks(component, stopping=True)
                ),
            ),
            lambda seen: (
                seen[0] == {"desiredCount": count, "runningCount": count, "pendingCount": 0}
                and seen[1] == [("RUNNING", "HEALTHY")] * count
            ),
            timeout_seconds=timeout_seconds,
        )

    def release(self, component: str) -> None:
        """Lets the autoscaler of a service, if there is one, have its count again."""
        self._suspend(component, suspended=False)

    def _suspend(self, component: str, *, suspended: bool) -> None:
        scaling = self.aws("application-autoscaling")
        service = f"service/{self.outputs['cluster_name']}/{self.outputs[f'{component}_service_name']}"
        found = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[service])
        state = {"DynamicScalingInSuspended": suspended, "DynamicScalingOutSuspended": suspended}
        for target in found["ScalableTargets"]:
            # A registration brings the count back into its range, also the one that a test is about to set.
            if not state.items() <= target["SuspendedState"].items():
                scaling.register_scalable_target(
                    ServiceNamespace="ecs",
                    ResourceId=service,
                    ScalableDimension=target["ScalableDimension"],
                    SuspendedState=state,
                )

    def wait_until_whole(self, *, timeout_seconds: float = 300) -> None:
        """Waits until every service has one deployment, and as many healthy tasks as it wants."""

        def look() -> dict[str, str]:
            return {component: self._lacks(component) for component in COMPONENTS}

        wait_for(
            "every service is whole",
            look,
            lambda seen: not any(seen.values()),
            timeout_seconds=timeout_seconds,
        )

    def _lacks(self, component: str) -> str:
        """What a service is short of; empty if it is whole."""
        service = self.service(component)
        states = [
            (task["lastStatus"], task.get("healthStatus")) for task in self.tasks(component, stopping=True)
        ]
        whole = (
            len(service["deployments"]) == 1 and states == [("RUNNING", "HEALTHY")] * service["desiredCount"]
        )
        return (
            ""
            if whole
            else f"{len(service['deployments'])} deployments, {service['desiredCount']} wanted, {states}"
        )

    def tasks(self, component: str, *, stopping: bool = False) -> list[dict[str, Any]]:
        """The service's tasks that are not stopped, as DescribeTasks gives them.

        Args:
            component: The service.
            stopping: Whether those that are on their way to be stopped are among them. They work until their
                target group has let go of them.
        """
        ecs = self.aws("ecs")
        cluster = self.outputs["cluster_name"]
        arns: list[str] = []
        for status in ("RUNNING", "STOPPED") if stopping else ("RUNNING",):
            arns += ecs.list_tasks(
                cluster=cluster,
                serviceName=self.outputs[f"{component}_service_name"],
                desiredStatus=status,
            )["taskArns"]
        if not arns:
            return []
        found: list[dict[str, Any]] = ecs.describe_tasks(cluster=cluster, tasks=arns[:100])["tasks"]
        return [task for task in found if task["lastStatus"] != "STOPPED"]

    def task_address(self, task: dict[str, Any]) -> str:
        """The private address of a task."""
        address: str = task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]
        return address

    def containers(self, **labels: str) -> list[Container]:
        """The containers of the data plane, running or not, that carry these labels."""
        wanted = [f"{LABEL}.instance={INSTANCE}"]
        wanted += [f"{LABEL}.{name}={value}" for name, value in labels.items()]
        found: list[Container] = self.docker.containers.list(
            all=True, filters={"label": wanted}, ignore_removed=True
        )
        return found

    def container(self, name: str) -> Container:
        """The one running container with that name, once tasks that are being stopped are gone."""

        def running() -> list[Container]:
            found = self.containers(kind="ecs-container", container=name)
            return [container for container in found if container.status == "running"]

        return wait_for(
            f"one running container {name}",
            running,
            lambda containers: len(containers) == 1,
            timeout_seconds=180,
        )[0]

    @property
    def database_identifier(self) -> str:
        """The identifier of Airflow's DB instance."""
        address: str = self.outputs["database_address"]
        return address.partition(".")[0]

    @property
    def broker_identifier(self) -> str:
        """The identifier of the broker's replication group."""
        groups = self.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
        address = self.outputs["broker_address"]
        return next(
            str(group["ReplicationGroupId"])
            for group in groups
            if group["NodeGroups"][0]["PrimaryEndpoint"]["Address"] == address
        )

    def broker_members(self) -> dict[str, str]:
        """The broker's nodes, by what they are."""
        (group,) = self.aws("elasticache").describe_replication_groups(
            ReplicationGroupId=self.broker_identifier
        )["ReplicationGroups"]
        members = group["NodeGroups"][0]["NodeGroupMembers"]
        return {member["CurrentRole"]: member["CacheClusterId"] for member in members}

    def redeploy(self, component: str, environment: Mapping[str, str] | None = None) -> None:
        """Begins the deployment of another revision of a service's task definition, as Terraform does.

        Args:
            component: The service.
            environment: Variables that its first container gets. What it is a revision of if left out.
        """
        ecs = self.aws("ecs")
        known = self.service(component)["taskDefinition"]
        definition = ecs.describe_task_definition(taskDefinition=known)["taskDefinition"]
        wanted = {key: value for key, value in definition.items() if key in _OF_REVISIONS}
        container = wanted["containerDefinitions"][0]
        variables = {item["name"]: item["value"] for item in container["environment"]}
        variables |= environment or {"REVISION_OF": known}
        container["environment"] = [{"name": name, "value": value} for name, value in variables.items()]
        self.deploy(component, ecs.register_task_definition(**wanted)["taskDefinition"]["taskDefinitionArn"])

    def deploy(self, component: str, definition: str) -> None:
        """Begins the deployment of a task definition that exists already."""
        self.aws("ecs").update_service(
            cluster=self.outputs["cluster_name"],
            service=self.outputs[f"{component}_service_name"],
            taskDefinition=definition,
        )

    def wait_for_deployment(self, component: str, *, timeout_seconds: float = 300) -> None:
        """Waits until a service runs what it is to run, and nothing else."""
        wait_for(
            f"the deployment of {component}",
            lambda: [
                {key: item[key] for key in ("id", "status", "rolloutState", "runningCount")}
                for item in self.service(component)["deployments"]
            ],
            lambda deployments: [item["rolloutState"] for item in deployments] == ["COMPLETED"],
            timeout_seconds=timeout_seconds,
        )

    def log(self, component: str, container: str, task: dict[str, Any]) -> str:
        """What a container of an ECS task has written until now."""
        (group,) = (
            found["logGroupName"]
            for found in self.aws("logs").describe_log_groups()["logGroups"]
            if found["logGroupName"].endswith(f"/{component}")
        )
        stream = f"{container}/{container}/{task['taskArn'].rpartition('/')[2]}"
        pages = self.aws("logs").get_paginator("filter_log_events")
        return "\n".join(
            event["message"]
            for page in pages.paginate(logGroupName=group, logStreamNames=[stream])
            for event in page["events"]
        )

    def kill(self, name: str, *, task: str | None = None) -> None:
        """Kills a running container of an ECS task as the kernel would, without a word.

        Args:
            name: The container.
            task: The ARN of its task. Whichever runs one if left out.
        """
        running = [
            found
            for found in self.containers(kind="ecs-container", container=name)
            if found.status == "running" and task in (None, found.labels[f"{LABEL}.resource"])
        ]
        assert running, f"no container {name} runs"
        running[0].kill("SIGKILL")

    def psql(self, statement: str, *, identifier: str | None = None, name: str | None = None) -> list[str]:
        """Runs a statement in a real PostgreSQL as its superuser; returns the rows as text.

        Args:
            statement: What to run.
            identifier: Of the DB instance. Airflow's if left out.
            name: Of the database. Airflow's if left out.
        """
        end = f":{identifier or self.database_identifier}"
        (database,) = (
            found for found in self.containers(kind="rds") if found.labels[f"{LABEL}.resource"].endswith(end)
        )
        name = name or self.outputs["database_name"]
        code, output = database.exec_run(
            ["psql", "-U", "rdsadmin", "-d", name, "-qAt", "-c", statement], user="postgres"
        )
        assert code == 0, output.decode()
        return [line for line in output.decode().splitlines() if line]

    def redis(self, *command: str) -> list[str]:
        """Runs a command on the real Redis; returns the lines of its answer."""
        broker = next(iter(self.containers(kind="elasticache")))
        code, output = broker.exec_run(
            ["redis-cli", "--tls", "--insecure", "--no-auth-warning", *command],
            environment={"REDISCLI_AUTH": self.secret("broker_secret_arn")["password"]},
        )
        text = output.decode()
        assert code == 0, text
        assert not text.startswith(("ERR", "NOAUTH", "WRONGPASS")), text
        return [line for line in text.splitlines() if line]
