"""The deployed ECS services: what they should run, what runs, and whether it is healthy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from kf_airflow_local.aws import LocalAws
from kf_airflow_local.progress import wait_until

COMPONENTS = ("airflow", "worker", "flower")
HEALTHY_SECONDS = 600


@dataclass(frozen=True)
class Service:
    """One ECS service as the API tells of it.

    Args:
        component: Which of ours it is.
        desired: Tasks it should run.
        running: Tasks it runs.
        healthy: Healthy targets in its target group.
        targets: State of each target that is not healthy, with its reason.
        rollout: State of its newest deployment.
        event: Its last event.
    """

    component: str
    desired: int
    running: int
    healthy: int
    targets: tuple[str, ...] = ()
    rollout: str = ""
    event: str = ""

    @property
    def is_healthy(self) -> bool:
        """Whether all that should run does, and answers."""
        return self.running == self.healthy == self.desired and not self.targets

    def __str__(self) -> str:
        """Say it in one line."""
        details = f" ({', '.join(self.targets)})" if self.targets else ""
        return f"{self.component} {self.running}/{self.desired} running, {self.healthy} healthy{details}"


def services(aws: LocalAws, outputs: Mapping[str, Any]) -> list[Service]:
    """Return the services of the stack.

    Args:
        aws: LocalStack.
        outputs: Terraform's outputs.
    """
    names = {component: outputs[f"{component}_service_name"] for component in COMPONENTS}
    answer = aws.ecs.describe_services(cluster=outputs["cluster_name"], services=list(names.values()))
    described = {service["serviceName"]: service for service in answer["services"]}
    found = []
    for component, name in names.items():
        service: Mapping[str, Any] = described.get(name, {})
        health = aws.elbv2.describe_target_health(TargetGroupArn=outputs["target_group_arns"][component])[
            "TargetHealthDescriptions"
        ]
        states = [target["TargetHealth"] for target in health]
        # A target that drains belongs to a task that goes: it is no part of what should run.
        ailing = [state for state in states if state.get("State") not in {"healthy", "draining"}]
        primary: Mapping[str, Any] = next(iter(service.get("deployments", [])), {})
        found.append(
            Service(
                component,
                desired=service.get("desiredCount", 0),
                running=service.get("runningCount", 0),
                healthy=sum(state.get("State") == "healthy" for state in states),
                targets=tuple(f"{state.get('State')} {state.get('Reason', '')}".strip() for state in ailing),
                rollout=primary.get("rolloutState", ""),
                event=next((event["message"] for event in service.get("events", [])), ""),
            )
        )
    return found


def look(aws: LocalAws, outputs: Mapping[str, Any]) -> list[Service]:
    """Return the services, or an empty list while LocalStack does not tell."""
    try:
        return services(aws, outputs)
    except (BotoCoreError, ClientError):
        return []


def all_healthy(found: list[Service]) -> bool:
    """Tell whether every service is healthy."""
    return len(found) == len(COMPONENTS) and all(service.is_healthy for service in found)


def wait_until_healthy(aws: LocalAws, outputs: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Wait until every service runs what it should and answers.

    Args:
        aws: LocalStack.
        outputs: Terraform's outputs.
        say: Told of each change.

    Raises:
        LauncherError: When it takes too long, or ECS gives up on a deployment.
    """
    wait_until(
        "The services",
        lambda: Summary(look(aws, outputs)),
        lambda state: all_healthy(state.services),
        timeout_seconds=HEALTHY_SECONDS,
        on_change=say,
        give_up=lambda state: state.failure,
    )


@dataclass(frozen=True)
class Summary:
    """The state of all services, in one line."""

    services: list[Service]

    def __str__(self) -> str:
        """Say it in one line."""
        return "; ".join(map(str, self.services)) or "ECS does not answer"

    @property
    def failure(self) -> str | None:
        """Why waiting on is of no use: ECS gave up on a deployment."""
        failed = [service for service in self.services if service.rollout == "FAILED"]
        return "; ".join(f"ECS gave up on {service.component}: {service.event}" for service in failed) or None
