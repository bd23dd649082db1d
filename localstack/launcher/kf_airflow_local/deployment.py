"""The deployed ECS services: what they should run, what runs, and whether it is healthy."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from kf_airflow_local import rollback
from kf_airflow_local.aws import LocalAws
from kf_airflow_local.errors import LauncherError
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
        pending: Tasks that are about to run.
        targets: State of each target that is not healthy, with its reason.
        rollout: State of its newest deployment.
        event: Its last event.
        deployments: How many deployments it has, one while none is under way.
        went_back: Whether ECS gave up the task definition that Terraform wants, and runs the one before.
    """

    component: str
    desired: int
    running: int
    healthy: int
    pending: int = 0
    targets: tuple[str, ...] = ()
    rollout: str = ""
    event: str = ""
    deployments: int = 1
    went_back: bool = False

    @property
    def is_healthy(self) -> bool:
        """Whether all that should run does, and answers, and nothing else runs."""
        whole = self.running == self.healthy == self.desired and not self.targets
        return whole and self.deployments == 1 and not self.went_back

    @property
    def is_scaling(self) -> bool:
        """Whether some of it answers, and its autoscaler has just added tasks or takes some away."""
        begins = all(target.startswith("initial") for target in self.targets)
        enough = self.running + self.pending >= self.desired
        return bool(self.healthy) and begins and enough and self.deployments == 1 and not self.went_back

    def __str__(self) -> str:
        """Say it in one line."""
        notes = [*self.targets]
        if self.deployments > 1:
            notes.append("a deployment is under way")
        if self.went_back:
            notes.append("ECS went back to the tasks before")
        details = f" ({', '.join(notes)})" if notes else ""
        return f"{self.component} {self.running}/{self.desired} running, {self.healthy} healthy{details}"


def services(aws: LocalAws, outputs: Mapping[str, Any]) -> list[Service]:
    """Return the services of the stack.

    Args:
        aws: LocalStack.
        outputs: Terraform's outputs.
    """
    # A stack of an earlier release does not say what should run.
    wanted: Mapping[str, str] = outputs.get("task_definition_arns", {})
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
        deployments = service.get("deployments", [])
        primary: Mapping[str, Any] = next(iter(deployments), {})
        definition = service.get("taskDefinition")
        found.append(
            Service(
                component,
                desired=service.get("desiredCount", 0),
                running=service.get("runningCount", 0),
                pending=service.get("pendingCount", 0),
                healthy=sum(state.get("State") == "healthy" for state in states),
                targets=tuple(f"{state.get('State')} {state.get('Reason', '')}".strip() for state in ailing),
                rollout=primary.get("rolloutState", ""),
                event=next((event["message"] for event in service.get("events", [])), ""),
                deployments=len(deployments) or 1,
                went_back=definition is not None and wanted.get(component, definition) != definition,
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


def all_serve(found: list[Service]) -> bool:
    """Tell whether every service is healthy, or is while the number of its tasks changes."""
    return len(found) == len(COMPONENTS) and all(
        service.is_healthy or service.is_scaling for service in found
    )


def wait_until_healthy(aws: LocalAws, outputs: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Wait until every service runs what it should and answers.

    Args:
        aws: LocalStack.
        outputs: Terraform's outputs.
        say: Told of each change.

    Raises:
        LauncherError: When it takes too long, or ECS gives up on a deployment; with the reason, where it went
            back to the tasks before.
    """
    state = wait_until(
        "The services",
        lambda: Summary(look(aws, outputs)),
        lambda state: all_healthy(state.services) or bool(state.gone_back),
        timeout_seconds=HEALTHY_SECONDS,
        on_change=say,
        give_up=lambda state: _failure(aws, outputs, state),
    )
    if state.gone_back:
        raise LauncherError(explain(aws, outputs, state.gone_back))


def gone_back(aws: LocalAws, outputs: Mapping[str, Any]) -> list[str]:
    """Return the services whose tasks are those of before the deployment again.

    Args:
        aws: LocalStack.
        outputs: Terraform's outputs, as far as there are any.
    """
    try:
        return Summary(look(aws, outputs)).gone_back
    except KeyError:  # Terraform failed before it knew them all
        return []


def explain(aws: LocalAws, outputs: Mapping[str, Any], components: list[str]) -> str:
    """Say why the deployments of services failed."""
    return "\n".join(
        f"The deployment of {component} failed, and the tasks before it serve on: "
        f"{rollback.reason(aws, outputs, component)}"
        for component in components
    )


def _failure(aws: LocalAws, outputs: Mapping[str, Any], state: "Summary") -> str | None:
    """Say why waiting on is of no use: ECS gave up on a deployment, with nothing to go back to."""
    failed = [service for service in state.services if service.rollout == "FAILED"]
    return (
        "\n".join(
            f"ECS gave up on {service.component}: {service.event}; "
            f"{rollback.reason(aws, outputs, service.component)}"
            for service in failed
        )
        or None
    )


@dataclass(frozen=True)
class Summary:
    """The state of all services, in one line."""

    services: list[Service]

    def __str__(self) -> str:
        """Say it in one line."""
        return "; ".join(map(str, self.services)) or "ECS does not answer"

    @property
    def gone_back(self) -> list[str]:
        """The services whose tasks are those of before the deployment again."""
        return [service.component for service in self.services if service.went_back]
