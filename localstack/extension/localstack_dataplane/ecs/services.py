"""Keeps one service at its wanted tasks and writes back how it stands."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from localstack_dataplane.ecs.capacity import next_provider
from localstack_dataplane.ecs.definition import TaskDefinition
from localstack_dataplane.ecs.deployment import (
    Deployment,
    ServicePlan,
    ServiceView,
    TaskSummary,
    plan_service,
    start_delay,
)
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.service import DeploymentTruth, Service, ServiceTruth, new_task
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.targets import Targets, all_healthy, wanted_registrations
from localstack_dataplane.ecs.task import Task

_PROVEN_SECONDS = 30
"""A task that is healthy for this long ends the count of failures of its deployment."""

_SETTLE_SECONDS = 3
"""A task that nothing checks counts as healthy when it has run for this long: many fail at the start."""

_UNHEALTHY = "Task failed container health checks"
_FAILURES = {"TaskFailedToStart", "EssentialContainerExited"}


class ServiceState(Protocol):
    """What is needed of the recorded state."""

    def services(self) -> list[Service]:
        """Every service that is not INACTIVE."""
        ...

    def task_definition(self, account: str, region: str, name: str) -> TaskDefinition:
        """A task definition by ARN."""
        ...

    def write(self, service: Service, truth: ServiceTruth) -> None:
        """Write back how a service stands."""
        ...


class ServiceKeeper:
    """Starts and stops the tasks of services.

    Args:
        state: Services and task definitions.
        tasks: Where tasks are added and stopped.
        targets: Target groups.
        events: EventBridge.
    """

    def __init__(self, state: ServiceState, tasks: TaskStore, targets: Targets, events: Events) -> None:
        self._state, self._tasks, self._targets, self._events = state, tasks, targets, events
        self._steady: set[str] = set()

    def reconcile(self, service: Service, moment: datetime) -> None:
        """One step for one service."""
        tasks = self._tasks.of_service(service.account, service.region, service.cluster, service.name)
        live = [task for task in tasks if not task.stopping]
        truth = ServiceTruth()
        for task in live:
            self._register(service, task, truth)
        truth.events += [
            f"(service {service.name}) failed to launch a task with (error {task.stopped_reason})."
            for task in tasks
            if task.stop_code == "TaskFailedToStart" and not task.counted
        ]
        deployments = tuple(_counted(item, tasks, moment) for item in service.deployments)
        plan = plan_service(self._view(service, deployments, tasks, moment), moment)
        self._carry_out(service, plan, truth)
        self._report(service, deployments, plan, truth)
        self._state.write(service, truth)

    def _register(self, service: Service, task: Task, truth: ServiceTruth) -> None:
        before = set(task.targets)
        self._targets.register(task, wanted_registrations(service, task))
        truth.events += [
            f"(service {service.name}) registered 1 targets in (target-group {group})"
            for group, _, _ in sorted(task.targets - before)
        ]

    def _view(
        self,
        service: Service,
        deployments: tuple[Deployment, ...],
        tasks: Sequence[Task],
        moment: datetime,
    ) -> ServiceView:
        return ServiceView(
            name=service.name,
            desired=service.desired,
            deployments=deployments,
            minimum_percent=service.minimum_percent,
            maximum_percent=service.maximum_percent,
            tasks=tuple(self._summary(service, task, moment) for task in tasks if not task.stopping),
            stopping=sum(task.stopping for task in tasks),
            circuit_breaker=service.circuit_breaker,
            rollback=service.rollback,
        )

    def _summary(self, service: Service, task: Task, moment: datetime) -> TaskSummary:
        states = self._targets.states(task) if service.load_balancers else {}
        registered = len(states) == len(service.load_balancers)
        healthy = task.serving and registered and all_healthy(states.values()) and _settled(task, moment)
        task.healthy_since = (task.healthy_since or moment) if healthy else None
        return TaskSummary(
            id=task.id,
            deployment=task.started_by,
            running=task.last_status == "RUNNING",
            healthy=healthy,
            created_at=task.created_at,
            unhealthy=_why_unhealthy(service, task, {key[0]: state for key, state in states.items()}, moment),
            # Protection is from scale-in and deployments, not from the end of the service.
            protected=service.status == "ACTIVE" and task.protected(moment),
        )

    def _carry_out(self, service: Service, plan: ServicePlan, truth: ServiceTruth) -> None:
        stopped = []
        for task_id, reason in plan.stop.items():
            task = self._tasks.get(task_id)
            if task:
                task.stop("ServiceSchedulerInitiated", reason)
                stopped.append(f"(task {task_id})")
                if reason.startswith("Task failed"):
                    truth.events.append(f"(service {service.name}) (task {task_id}) is unhealthy: {reason}.")
        if stopped:
            self._events.action(service, "TASKS_STOPPED")
            truth.events.append(
                f"(service {service.name}) has stopped {len(stopped)} running tasks: {' '.join(stopped)}."
            )
        if plan.start:
            self._start(service, plan.start, truth)

    def _start(self, service: Service, count: int, truth: ServiceTruth) -> None:
        primary = next(item for item in service.deployments if item.primary)
        definition = self._state.task_definition(
            service.account, service.region, service.task_definitions[primary.id]
        )
        tasks = self._tasks.of_service(service.account, service.region, service.cluster, service.name)
        providers = Counter(
            task.capacity_provider for task in tasks if task.started_by == primary.id and not task.stopping
        )
        started = []
        for _ in range(count):
            provider = next_provider(service.strategy, providers)
            providers[provider] += 1
            task = new_task(service, uuid.uuid4().hex, definition, provider)
            self._tasks.add(task)
            started.append(f"(task {task.id})")
        truth.events.append(f"(service {service.name}) has started {count} tasks: {' '.join(started)}.")

    def _report(
        self,
        service: Service,
        deployments: tuple[Deployment, ...],
        plan: ServicePlan,
        truth: ServiceTruth,
    ) -> None:
        tasks = self._tasks.of_service(service.account, service.region, service.cluster, service.name)
        for deployment in deployments:
            mine = [task for task in tasks if task.started_by == deployment.id]
            truth.deployments[deployment.id] = DeploymentTruth(
                running=sum(task.last_status == "RUNNING" for task in mine),
                pending=sum(task.pending for task in mine),
                failed=deployment.failed_tasks,
                last_failure=deployment.last_failure,
            )
            if deployment.primary:
                self._report_rollout(service, deployment, plan, truth)
        truth.running = sum(item.running for item in truth.deployments.values())
        truth.pending = sum(item.pending for item in truth.deployments.values())
        truth.retired, truth.roll_back = plan.retired, plan.rollback
        truth.inactive = service.status == "DRAINING" and not tasks
        if plan.at_rest and service.arn not in self._steady and service.status == "ACTIVE":
            self._steady.add(service.arn)
            self._events.action(service, "SERVICE_STEADY_STATE")
            truth.events.append(f"(service {service.name}) has reached a steady state.")
        elif not plan.at_rest:
            self._steady.discard(service.arn)

    def _report_rollout(
        self, service: Service, deployment: Deployment, plan: ServicePlan, truth: ServiceTruth
    ) -> None:
        mine = truth.deployments[deployment.id]
        if deployment.state == "IN_PROGRESS" and not deployment.announced and service.status == "ACTIVE":
            self._events.deployment(
                service, "SERVICE_DEPLOYMENT_IN_PROGRESS", deployment.id, deployment.reason
            )
            mine.announced = True
        if plan.completed:
            mine.state, mine.reason = "COMPLETED", f"ECS deployment {deployment.id} completed."
            self._events.deployment(service, "SERVICE_DEPLOYMENT_COMPLETED", deployment.id, mine.reason)
            truth.events.append(
                f"(service {service.name}) (deployment {deployment.id}) deployment completed."
            )
        if plan.failed:
            mine.state, mine.reason = "FAILED", f"ECS deployment circuit breaker: {plan.failed}"
            self._events.deployment(service, "SERVICE_DEPLOYMENT_FAILED", deployment.id, mine.reason)
            truth.events.append(
                f"(service {service.name}) (deployment {deployment.id}) deployment failed: {plan.failed}"
            )
        before = next(item for item in service.deployments if item.id == deployment.id)
        newly_failed = deployment.failed_tasks > before.failed_tasks
        if newly_failed and start_delay(deployment.failed_tasks) > 0:
            self._events.action(service, "SERVICE_TASK_START_IMPAIRED")
            truth.events.append(
                f"(service {service.name}) is unable to consistently start tasks successfully. For more "
                "information, see the Troubleshooting section of the Amazon ECS Developer Guide."
            )


def _counted(deployment: Deployment, tasks: Sequence[Task], moment: datetime) -> Deployment:
    """The deployment with its count of failures brought up to date."""
    failed, last = deployment.failed_tasks, deployment.last_failure
    mine = [task for task in tasks if task.started_by == deployment.id]
    proven = moment - timedelta(seconds=_PROVEN_SECONDS)
    if any(task.healthy_since and task.healthy_since <= proven for task in mine):
        failed = 0
    for task in mine:
        if not task.stopping or task.counted:
            continue
        task.counted = True
        if task.stop_code in _FAILURES or task.stopped_reason.startswith("Task failed"):
            failed, last = failed + 1, moment
    return replace(deployment, failed_tasks=failed, last_failure=last)


def _settled(task: Task, moment: datetime) -> bool:
    if task.has_health_check or task.targets:
        return True
    return task.started_at is not None and (moment - task.started_at).total_seconds() >= _SETTLE_SECONDS


def _why_unhealthy(service: Service, task: Task, states: dict[str, str], moment: datetime) -> str:
    if task.health == "UNHEALTHY":
        return _UNHEALTHY
    if task.started_at is None or (moment - task.started_at).total_seconds() < service.grace_period:
        return ""
    for group, state in sorted(states.items()):
        if state == "unhealthy":
            return f"Task failed ELB health checks in (target-group {group})"
    return ""
