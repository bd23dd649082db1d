"""One service kept at its tasks, with records and target groups of our own."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localstack_dataplane.clock import now
from localstack_dataplane.containers import Container, HealthCheck
from localstack_dataplane.ecs.capacity import Share
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.deployment import Deployment
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.observe import observe
from localstack_dataplane.ecs.service import LoadBalancer, Service
from localstack_dataplane.ecs.services import ServiceKeeper
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.targets import Targets

APP = ContainerDefinition(name="app", image="i", health_check=HealthCheck(test=("CMD", "true")))
DEFINITION = TaskDefinition(arn="arn:aws:ecs:r:1:task-definition/web:1", containers=(APP,))


class State:
    def __init__(self, **values):
        self.values, self.truth = values, None

    @property
    def service(self):
        base: dict[str, Any] = {
            "account": "1",
            "region": "r",
            "cluster": "c",
            "name": "web",
            "arn": "arn",
            "status": "ACTIVE",
        }
        base |= {"desired": 1, "deployments": (Deployment(id="d1", primary=True),)}
        base |= {"task_definitions": {"d1": "web:1"}}
        return Service(**(base | self.values))

    def services(self):
        return [self.service]

    def task_definition(self, account, region, name):
        return DEFINITION

    def write(self, service, truth):
        self.truth = truth
        self.values["deployments"] = tuple(
            Deployment(
                id=item.id,
                primary=item.primary,
                state=truth.deployments[item.id].state or item.state,
                failed_tasks=truth.deployments[item.id].failed,
                last_failure=truth.deployments[item.id].last_failure,
                announced=truth.deployments[item.id].announced or item.announced,
            )
            for item in service.deployments
        )


class Elb:
    def __init__(self):
        self.states, self.missing = {}, set()

    def client(self, *_):
        return self

    def register_targets(self, TargetGroupArn, Targets):  # noqa: N803
        if TargetGroupArn in self.missing:
            raise ClientError({"Error": {"Code": "TargetGroupNotFound"}}, "RegisterTargets")
        self.states |= {(target["Id"], target["Port"]): "initial" for target in Targets}

    def deregister_targets(self, TargetGroupArn, Targets):  # noqa: N803
        self.states |= {(target["Id"], target["Port"]): "draining" for target in Targets}

    def describe_target_health(self, TargetGroupArn):  # noqa: N803
        return {
            "TargetHealthDescriptions": [
                {"Target": {"Id": address, "Port": port}, "TargetHealth": {"State": state}}
                for (address, port), state in self.states.items()
            ]
        }


class World:
    """A service, its tasks, and what Docker and the load balancer show of them."""

    def __init__(self, **values):
        state: Any = State(**values)
        self.state, self.tasks, self.elb = state, TaskStore(), Elb()
        self.targets = Targets(self.elb)
        self.events: list[Any] = []
        self.keeper = ServiceKeeper(state, self.tasks, self.targets, Events(self.events.append))

    def without_health_check(self):
        self.state.task_definition = lambda *_: replace(
            DEFINITION, containers=(replace(APP, health_check=None),)
        )
        return self

    def step(self, after=0):
        self.keeper.reconcile(self.state.service, now() + timedelta(seconds=after))
        return self.state.truth

    def show(self, task, health="healthy"):
        labels = {"kind": "ecs-container", "container": "app"}
        app = Container(
            id="app",
            name="app",
            status="running",
            health=health,
            labels={f"localstack-dataplane.{key}": value for key, value in labels.items()},
        )
        network = Container(
            id="n",
            name="n",
            status="running",
            address="10.0.0.9",
            labels={"localstack-dataplane.kind": "ecs-task-pause"},
        )
        observe(task, [network, app])

    def told(self):
        """Names of the events so far."""
        return [event.detail["eventName"] for event in self.events]

    @property
    def task(self):
        [task] = [task for task in self.tasks.active() if not task.stopping]
        return task


def test_a_new_service_starts_its_task_and_says_so():
    world = World()
    truth = world.step()
    assert truth.events == [f"(service web) has started 1 tasks: (task {world.task.id})."]
    assert (truth.running, truth.pending) == (0, 1)


def test_its_tasks_belong_to_the_deployment_and_the_service():
    world = World(task_tags=(("a", "b"),))
    world.step()
    task = world.task
    assert (task.started_by, task.group, task.tags) == ("d1", "service:web", [{"key": "a", "value": "b"}])


def test_a_healthy_task_completes_the_deployment_and_the_service_is_steady():
    world = World()
    world.step()
    world.show(world.task)
    truth = world.step()
    assert truth.deployments["d1"].state == "COMPLETED"
    assert truth.events[-1] == "(service web) has reached a steady state."
    assert world.step().events == []


def test_eventbridge_is_told_how_a_deployment_goes():
    world = World()
    world.step()
    world.show(world.task)
    world.step()
    assert world.told() == [
        "SERVICE_DEPLOYMENT_IN_PROGRESS",
        "SERVICE_DEPLOYMENT_COMPLETED",
        "SERVICE_STEADY_STATE",
    ]


def test_a_task_that_nothing_checks_has_to_run_for_a_while_to_complete_a_deployment():
    world = World().without_health_check()
    world.step()
    world.show(world.task, health=None)
    assert world.step(after=2).deployments["d1"].state is None
    assert world.step(after=4).deployments["d1"].state == "COMPLETED"


def test_tasks_that_end_at_once_trip_the_circuit_breaker():
    world = World(circuit_breaker=True, maximum_percent=500).without_health_check()
    for _ in range(3):
        world.step()
        world.show(world.task, health=None)
        world.step()
        world.task.stop("EssentialContainerExited", "Essential container in task exited")
    assert world.step().deployments["d1"].state == "FAILED"


def test_tasks_are_distributed_to_the_capacity_providers():
    world = World(desired=3, strategy=(Share("FARGATE", base=1), Share("FARGATE_SPOT", weight=1)))
    world.step()
    providers = [task.capacity_provider for task in world.tasks.active()]
    assert sorted(providers) == ["FARGATE", "FARGATE_SPOT", "FARGATE_SPOT"]


def test_protection_ends_with_the_service():
    world = World()
    world.step()
    world.show(world.task)
    task = world.task
    task.protected_until = now() + timedelta(hours=1)
    world.state.values["desired"] = 0
    world.step()
    assert not task.stopping
    world.state.values["status"] = "DRAINING"
    world.step()
    assert task.stopping


def test_an_unhealthy_task_is_replaced():
    world = World()
    world.step()
    sick = world.task
    world.show(sick)
    world.step()
    world.show(sick, "unhealthy")
    world.step()
    assert sick.stopped_reason == "Task failed container health checks"
    assert world.task is not sick


def test_a_task_that_cannot_start_counts_as_a_failure_once():
    world = World()
    world.step()
    world.task.stop("TaskFailedToStart", "CannotPullContainerError: none")
    truth = world.step()
    message = "(service web) failed to launch a task with (error CannotPullContainerError: none)."
    assert message in truth.events
    assert truth.deployments["d1"].failed == 1
    assert world.step().deployments["d1"].failed == 1


def test_a_task_that_is_healthy_for_a_while_clears_the_failures():
    world = World(deployments=(Deployment(id="d1", primary=True, failed_tasks=2, last_failure=now()),))
    world.step()
    world.show(world.task)
    assert world.step().deployments["d1"].failed == 2
    assert world.step(after=31).deployments["d1"].failed == 0


def test_a_draining_service_stops_its_tasks_and_then_is_inactive():
    world = World()
    world.step()
    task = world.task
    world.state.values |= {"status": "DRAINING", "desired": 0}
    assert not world.step().inactive
    assert task.stopping
    task.last_status = "STOPPED"
    assert world.step().inactive


BALANCED = {"load_balancers": (LoadBalancer(target_group="tg", container="app", port=80),)}


@pytest.fixture
def balanced():
    world = World(**BALANCED)
    world.step()
    world.show(world.task)
    return world


def test_a_running_task_is_registered_in_its_target_group(balanced):
    truth = balanced.step()
    assert balanced.elb.states == {("10.0.0.9", 80): "initial"}
    assert "(service web) registered 1 targets in (target-group tg)" in truth.events


def test_a_target_that_is_not_healthy_yet_holds_the_deployment_up(balanced):
    assert balanced.step().deployments["d1"].state is None


def test_a_healthy_target_completes_the_deployment(balanced, monkeypatch):
    balanced.step()
    balanced.elb.states[("10.0.0.9", 80)] = "healthy"
    monkeypatch.setattr("localstack_dataplane.ecs.targets._ASK_AGAIN_SECONDS", 0)
    assert balanced.step().deployments["d1"].state == "COMPLETED"


def test_an_unhealthy_target_is_replaced_after_the_grace_period(balanced, monkeypatch):
    monkeypatch.setattr("localstack_dataplane.ecs.targets._ASK_AGAIN_SECONDS", 0)
    balanced.state.values["grace_period"] = 60
    task = balanced.task
    balanced.step()
    balanced.elb.states[("10.0.0.9", 80)] = "unhealthy"
    balanced.step(after=59)
    assert not task.stopping
    balanced.step(after=61)
    assert task.stopped_reason == "Task failed ELB health checks in (target-group tg)"


def test_a_target_group_that_is_gone_is_left_out(balanced):
    balanced.elb.missing.add("tg")
    balanced.step()
    assert balanced.task.targets == set()


def test_a_stopping_task_waits_until_its_targets_are_drained(balanced, monkeypatch):
    monkeypatch.setattr("localstack_dataplane.ecs.targets._ASK_AGAIN_SECONDS", 0)
    balanced.step()
    task = balanced.task
    balanced.targets.register(task, set())
    assert balanced.targets.still_draining(task)
    balanced.elb.states.clear()
    assert not balanced.targets.still_draining(task)
