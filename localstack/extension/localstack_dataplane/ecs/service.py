"""A service as the API recorded it, and what is written back about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from localstack_dataplane.ecs.capacity import Strategy
from localstack_dataplane.ecs.definition import TaskDefinition
from localstack_dataplane.ecs.deployment import Deployment
from localstack_dataplane.ecs.task import Task


@dataclass(frozen=True, kw_only=True)
class LoadBalancer:
    """A target group that a service's tasks are registered in."""

    target_group: str
    container: str
    port: int


@dataclass(frozen=True, kw_only=True)
class ServiceRegistry:
    """A Cloud Map service that a service's tasks are registered in; a port only where it has SRV records."""

    arn: str
    port: int | None = None


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service that is ACTIVE or DRAINING.

    Attributes:
        account: AWS account.
        region: AWS region.
        cluster: Name of its cluster.
        name: Its name.
        arn: Its ARN.
        status: ACTIVE or DRAINING.
        desired: Wanted number of tasks.
        deployments: The primary one and those it replaces.
        task_definitions: Deployment id -> ARN of its task definition.
        minimum_percent: Of healthy tasks while deploying.
        maximum_percent: Of tasks while deploying.
        circuit_breaker: Whether failing tasks fail a deployment.
        rollback: Whether a failed deployment is undone.
        load_balancers: Where its tasks are registered.
        registries: Cloud Map services where its tasks are registered.
        grace_period: Seconds after the start in which target health does not count.
        launch_type: FARGATE or EC2; empty with capacity providers.
        strategy: Of capacity providers; empty with a launch type.
        subnet: The first of its subnets.
        task_tags: Tags that its tasks get.
        execute_command: Whether ExecuteCommand is enabled.
    """

    account: str
    region: str
    cluster: str
    name: str
    arn: str
    status: str
    desired: int
    deployments: tuple[Deployment, ...]
    task_definitions: Mapping[str, str]
    minimum_percent: int = 100
    maximum_percent: int = 200
    circuit_breaker: bool = False
    rollback: bool = False
    load_balancers: tuple[LoadBalancer, ...] = ()
    registries: tuple[ServiceRegistry, ...] = ()
    grace_period: float = 0
    launch_type: str = "FARGATE"
    strategy: Strategy = ()
    subnet: str = ""
    task_tags: tuple[tuple[str, str], ...] = ()
    execute_command: bool = False


@dataclass(kw_only=True)
class DeploymentTruth:
    """How one deployment stands; None leaves what was there."""

    running: int = 0
    pending: int = 0
    failed: int = 0
    last_failure: datetime | None = None
    state: str | None = None
    reason: str | None = None
    announced: bool | None = None


@dataclass(kw_only=True)
class ServiceTruth:
    """What is written back about a service.

    Attributes:
        running: Tasks that run.
        pending: Tasks on their way there.
        deployments: Deployment id -> how it stands.
        retired: Ids of deployments that are over.
        events: Messages for the service's event list, oldest first.
        inactive: Whether a draining service has come to its end.
        roll_back: Whether the last completed deployment becomes the primary one again.
    """

    running: int = 0
    pending: int = 0
    deployments: dict[str, DeploymentTruth] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    events: list[str] = field(default_factory=list)
    inactive: bool = False
    roll_back: bool = False


def new_task(service: Service, task_id: str, definition: TaskDefinition, provider: str = "") -> Task:
    """A task of the primary deployment of a service, on a capacity provider if there is one."""
    primary = next(deployment for deployment in service.deployments if deployment.primary)
    return Task(
        id=task_id,
        account=service.account,
        region=service.region,
        cluster=service.cluster,
        definition=definition,
        group=f"service:{service.name}",
        started_by=primary.id,
        service=service.name,
        launch_type=service.launch_type or "FARGATE",
        capacity_provider=provider,
        subnet=service.subnet,
        tags=[{"key": key, "value": value} for key, value in service.task_tags],
        enable_execute_command=service.execute_command,
    )
