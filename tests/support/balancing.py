"""A load balancer with targets, for the contract suite."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from contract import Cloud, unique, wait_for

_PROGRAM = Path(__file__).with_name("http_program.py")
HEALTH_CHECK: dict[str, Any] = {
    "HealthCheckPath": "/health",
    "HealthCheckIntervalSeconds": 5,
    "HealthCheckTimeoutSeconds": 2,
    "HealthyThresholdCount": 2,
    "UnhealthyThresholdCount": 2,
}
"""The fastest that an Application Load Balancer offers."""


def fixed(body: str, status: int = 200, content_type: str = "text/plain") -> dict[str, Any]:
    """Returns an action that answers by itself."""
    response = {"StatusCode": str(status), "ContentType": content_type, "MessageBody": body}
    return {"Type": "fixed-response", "FixedResponseConfig": response}


def forward(*groups: str, weights: tuple[int, ...] = ()) -> dict[str, Any]:
    """Returns an action that hands on to target groups."""
    if not weights:
        return {"Type": "forward", "TargetGroupArn": groups[0]}
    weighted = [
        {"TargetGroupArn": arn, "Weight": weight} for arn, weight in zip(groups, weights, strict=True)
    ]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}


@dataclass
class Front:
    """An Application Load Balancer.

    Args:
        cloud: Where it is.
    """

    cloud: Cloud

    def __post_init__(self) -> None:
        self.elb = self.cloud.client("elbv2")
        self._port = 8100

    @cached_property
    def description(self) -> dict[str, Any]:
        """The load balancer, once it is active."""
        made = self.elb.create_load_balancer(
            Name=unique("front"),
            Subnets=self.cloud.network["subnets"],
            SecurityGroups=[self.cloud.network["group"]],
            Scheme="internal",
        )["LoadBalancers"][0]
        self.cloud.finally_do(self.elb.delete_load_balancer, LoadBalancerArn=made["LoadBalancerArn"])
        return wait_for(
            "the load balancer is active",
            lambda: self.elb.describe_load_balancers(LoadBalancerArns=[made["LoadBalancerArn"]])[
                "LoadBalancers"
            ][0],
            lambda found: found["State"]["Code"] == "active",
            timeout_seconds=400,
        )

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.description["LoadBalancerArn"])

    @property
    def host(self) -> str:
        """Its name."""
        return str(self.description["DNSName"])

    def serve(self, *names: str) -> dict[str, str]:
        """Starts a task for each name, which serves HTTP at 8000; returns the addresses."""
        arns = {}
        for name in names:
            container = self.cloud.container(
                "main",
                "serve",
                environment=[{"name": "NAME", "value": name}],
                portMappings=[{"containerPort": 8000}],
            )
            arns[name] = self.cloud.run_task(self.cloud.task_definition(container))
        self.cloud.finally_do(self._end, list(arns.values()))
        addresses = {}
        for name, arn in arns.items():
            task = self.cloud.wait_for_task(arn, "RUNNING", timeout_seconds=120)
            details = {item["name"]: item["value"] for item in task["attachments"][0]["details"]}
            addresses[name] = details["privateIPv4Address"]
        return addresses

    def _end(self, tasks: list[str]) -> None:
        """Ends tasks: their cluster cannot be deleted before."""
        for task in tasks:
            self.cloud.client("ecs").stop_task(cluster=self.cloud.cluster, task=task)
        for task in tasks:
            self.cloud.wait_for_task(task, "STOPPED", timeout_seconds=120)

    def group(self, *addresses: str, port: int = 8000, **changes: Any) -> str:
        """Makes a target group with targets, and returns its ARN."""
        settings: dict[str, Any] = {
            "Name": unique("group"),
            "Protocol": "HTTP",
            "Port": port,
            "VpcId": self.cloud.network["vpc"],
            "TargetType": "ip",
            **HEALTH_CHECK,
            **changes,
        }
        arn = str(self.elb.create_target_group(**settings)["TargetGroups"][0]["TargetGroupArn"])
        self.cloud.finally_do(self.elb.delete_target_group, TargetGroupArn=arn)
        if addresses:
            self.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": address} for address in addresses])
        return arn

    def listener(self, action: dict[str, Any], **changes: Any) -> tuple[str, int]:
        """Makes a listener at a port of its own; returns its ARN and the port."""
        self._port += 1
        settings = {"Protocol": "HTTP", "Port": self._port, "DefaultActions": [action], **changes}
        arn = self.elb.create_listener(LoadBalancerArn=self.arn, **settings)["Listeners"][0]["ListenerArn"]
        self.cloud.finally_do(self.elb.delete_listener, ListenerArn=arn)
        return arn, self._port

    def health(self, group: str) -> list[tuple[str, str]]:
        """Returns state and reason of each target of a group."""
        found = self.elb.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return [(item["TargetHealth"]["State"], item["TargetHealth"].get("Reason", "")) for item in found]

    def wait_for_health(
        self, group: str, state: str, reason: str = "", *, timeout_seconds: float = 60
    ) -> None:
        """Waits until all targets of a group, one at least, are in a state for a reason."""
        wait_for(
            f"the targets are {state} {reason}",
            lambda: self.health(group),
            lambda found: found and set(found) == {(state, reason)},
            timeout_seconds=timeout_seconds,
            interval_seconds=0.5,
        )

    def start_asking(self, asked: dict[str, dict[str, Any]]) -> str:
        """Starts a task that asks; see `http_program`. Returns its ARN."""
        complete = {name: {"host": self.host, **request} for name, request in asked.items()}
        environment = [{"name": "ASKED", "value": json.dumps(complete)}]
        container = self.cloud.container("main", "run", _PROGRAM.read_text(), environment=environment)
        return self.cloud.run_task(self.cloud.task_definition(container))

    def answers(self, task: str) -> dict[str, dict[str, Any]]:
        """Returns what a task that asks was answered, by name, once it is done."""
        self.cloud.wait_for_task(task, "STOPPED", timeout_seconds=120)
        lines = [json.loads(line) for line in self.cloud.log(task)]
        found = {line["name"]: line for line in lines if "name" in line}
        assert found, lines
        return found

    def ask(self, asked: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """Asks from inside the network; returns the answers by name."""
        return self.answers(self.start_asking(asked))
