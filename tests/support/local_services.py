"""The ECS services of the deployed local system: their tasks, how many there are, and deployments."""

from collections.abc import Mapping
from typing import Any

from local_cloud import LocalCloud
from waiting import wait_for

COMPONENTS = ("airflow", "worker", "flower")
# Of what DescribeTaskDefinition answers, what RegisterTaskDefinition takes.
_OF_REVISIONS = {
    *("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes"),
    *("requiresCompatibilities", "cpu", "memory", "runtimePlatform", "ephemeralStorage"),
}


class LocalServices(LocalCloud):
    """`airflow`, `worker` and `flower`."""

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
