"""Tasks in target groups: registered while their container runs, taken out before they stop."""

import time
from collections.abc import Iterable

from botocore.exceptions import BotoCoreError, ClientError

from localstack_dataplane.aws import Aws
from localstack_dataplane.ecs.service import Service
from localstack_dataplane.ecs.task import Task

Registration = tuple[str, str, int]
"""Target group, address, port."""

_ASK_AGAIN_SECONDS = 2.0


def wanted_registrations(service: Service, task: Task) -> set[Registration]:
    """The targets that a task of a service has to be now."""
    if task.stopping or not task.address:
        return set()
    return {
        (balancer.target_group, task.address, balancer.port)
        for balancer in service.load_balancers
        if (container := task.observed.get(balancer.container)) and container.running
    }


class Targets:
    """Registers tasks through the API, and asks it how their targets are.

    Args:
        aws: Elastic Load Balancing.
    """

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._health: dict[str, tuple[float, dict[tuple[str, int], str]]] = {}

    def register(self, task: Task, wanted: set[Registration]) -> None:
        """Make the task's targets those that are wanted; a target group that is gone is left out."""
        for group, address, port in sorted(wanted - task.targets):
            if self._call(task, "register_targets", group, address, port):
                task.targets.add((group, address, port))
        for group, address, port in sorted(task.targets - wanted):
            self._call(task, "deregister_targets", group, address, port)
            task.targets.discard((group, address, port))
            task.draining.add((group, address, port))

    def still_draining(self, task: Task) -> bool:
        """Whether a load balancer still finishes requests to the task."""
        task.draining = {
            (group, address, port)
            for group, address, port in task.draining
            if self.health(task, group).get((address, port)) == "draining"
        }
        return bool(task.draining)

    def states(self, task: Task) -> dict[Registration, str]:
        """Target -> state (initial, healthy, unhealthy, unused...) of the task's targets."""
        return {
            (group, address, port): self.health(task, group).get((address, port), "initial")
            for group, address, port in task.targets
        }

    def health(self, task: Task, group: str) -> dict[tuple[str, int], str]:
        """State of every target of a group; asked anew every two seconds."""
        asked, states = self._health.get(group, (0.0, {}))
        if time.monotonic() - asked < _ASK_AGAIN_SECONDS:
            return states
        client = self._aws.client("elbv2", task.account, task.region)
        try:
            answer = client.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        except (ClientError, BotoCoreError):
            answer = []
        states = {
            (item["Target"]["Id"], int(item["Target"].get("Port", 0))): item["TargetHealth"]["State"]
            for item in answer
        }
        self._health[group] = (time.monotonic(), states)
        return states

    def _call(self, task: Task, operation: str, group: str, address: str, port: int) -> bool:
        self._health.pop(group, None)
        client = self._aws.client("elbv2", task.account, task.region)
        try:
            getattr(client, operation)(TargetGroupArn=group, Targets=[{"Id": address, "Port": port}])
        except ClientError as error:
            if error.response["Error"]["Code"] in {"TargetGroupNotFound", "TargetGroupNotFoundException"}:
                return False
            raise
        return True


def all_healthy(states: Iterable[str]) -> bool:
    """Whether target states let a task count as healthy; `unused` means that no listener leads there."""
    return all(state in {"healthy", "unused", "unavailable"} for state in states)
