"""Passes over tasks, with a Docker and records of our own."""

import threading
from typing import Any

import pytest

from localstack_dataplane.containers import Container
from localstack_dataplane.ecs.controller import EcsController
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.events import Events
from localstack_dataplane.ecs.instances import Instances
from localstack_dataplane.ecs.lifecycle import RemoveTask, StartContainer, StartNetwork
from localstack_dataplane.ecs.store import TaskStore
from localstack_dataplane.ecs.targets import Targets
from localstack_dataplane.ecs.task import Task

DEFINITION = TaskDefinition(arn="a/f:1", containers=(ContainerDefinition(name="app", image="i"),))


class Docker:
    def __init__(self):
        self.found, self.removed = [], []

    def containers(self):
        return self.found

    def remove(self, container_id):
        self.removed.append(container_id)

    def volumes(self, kind):
        return {"left": {"localstack-dataplane.task": "gone"}}

    def remove_volume(self, name):
        self.removed.append(name)


class State:
    def __init__(self):
        self.counts, self.clusters = {}, True

    def services(self):
        return []

    def has_clusters(self):
        return self.clusters

    def write_clusters(self, counts):
        self.counts = counts


class Runner:
    def __init__(self, error=None):
        self.closed = False
        self.performed, self.error, self.done = [], error, threading.Event()

    def perform(self, task, steps):
        self.performed += steps
        for step in steps:
            if isinstance(step, StartNetwork):
                task.network = container(task.id, "ecs-task-pause")
            elif isinstance(step, StartContainer):
                task.observed[step.name] = container(task.id)
        self.done.set()
        if self.error:
            raise self.error

    def close(self):
        self.closed = True


class Networks:
    """A stock of network namespaces that only counts."""

    def __init__(self):
        self.shown, self.made, self.missing, self.emptied = [], 0, False, False

    def observe(self, containers):
        self.shown = list(containers)

    def make_one(self):
        self.made += 1

    def remove_all(self):
        self.emptied = True


class Registry:
    def sync(self, wanted):
        pass


class World:
    def __init__(self, error=None):
        docker: Any = Docker()
        state: Any = State()
        runner: Any = Runner(error)
        aws: Any = None
        networks: Any = Networks()
        self.docker, self.state, self.tasks, self.runner = docker, state, TaskStore(), runner
        self.networks, self.woken = networks, 0
        self.events: list[Any] = []
        self.controller = EcsController(
            docker=docker,
            state=state,
            tasks=self.tasks,
            runner=runner,
            targets=Targets(aws),
            instances=Instances(Registry()),
            networks=networks,
            wake=self.wake,
            events=Events(self.events.append),
        )
        self.task = Task(id="t1", account="1", region="r", cluster="c", definition=DEFINITION, group="g")
        self.tasks.add(self.task)

    def wake(self):
        self.woken += 1

    def run(self):
        self.controller.reconcile()
        self.controller.close()


@pytest.fixture
def world():
    return World()


def container(task, kind="ecs-container", status="running"):
    labels = {"kind": kind, "task": task, "container": "app"}
    return Container(
        id=f"{task}-{kind}",
        name="n",
        status=status,
        labels={f"localstack-dataplane.{key}": value for key, value in labels.items()},
    )


def test_a_worker_starts_a_task_without_waiting_for_another_pass(world):
    world.run()
    assert world.runner.performed == [StartNetwork(), StartContainer("app")]
    assert world.task.last_status == "RUNNING"
    assert world.task.containers["app"].status == "RUNNING"


def test_a_pass_follows_when_a_worker_is_done_with_a_task(world):
    world.run()
    assert not world.task.busy
    assert world.woken == 1


def test_a_step_that_has_to_be_tried_again_waits_for_the_next_pass(world):
    world.task.last_status = "RUNNING"
    world.task.stop("UserInitiated", "enough")
    world.run()
    assert world.runner.performed == [RemoveTask()]
    assert world.woken == 0


def test_eventbridge_is_told_of_every_state_on_the_way(world):
    world.run()
    told = [(event.detail["lastStatus"], event.detail["version"]) for event in world.events]
    assert told == [("PROVISIONING", 1), ("PENDING", 2), ("RUNNING", 3)]


def test_networks_are_made_ahead_when_no_task_is_on_its_way(world):
    world.networks.missing = world.task.busy = True
    world.controller.reconcile()
    assert world.networks.made == 0
    world.task.last_status = "RUNNING"
    world.run()
    assert world.networks.made == 1


def test_without_a_cluster_no_network_is_kept_ready(world):
    world.task.last_status, world.networks.missing, world.state.clusters = "RUNNING", True, False
    world.run()
    assert (world.networks.made, world.networks.emptied) == (0, True)


def test_a_busy_task_is_left_alone(world):
    world.task.busy = True
    world.run()
    assert world.runner.performed == []


def test_clusters_learn_how_many_tasks_are_on_their_way(world):
    world.task.busy = True
    world.run()
    assert world.state.counts == {("1", "r", "c"): (0, 1)}


def test_containers_of_unknown_tasks_are_removed_with_their_volumes(world):
    world.docker.found = [container("other"), container("other", "ecs-task-pause")]
    world.run()
    assert world.docker.removed == ["other-ecs-container", "other-ecs-task-pause", "left"]


def test_containers_of_known_tasks_and_of_other_kinds_stay(world):
    world.docker.found = [container("t1", "ecs-task-pause"), container("x", "rds")]
    world.run()
    assert world.docker.removed == []


def test_a_task_whose_container_ended_stops_in_the_same_pass(world):
    world.task.containers["app"].runtime_id = "id"
    world.docker.found = [container("t1", "ecs-task-pause"), container("t1", status="exited")]
    world.run()
    assert world.task.stopped_reason == "Essential container in task exited"
    assert world.task.last_status == "DEPROVISIONING"


def test_an_unexpected_failure_of_a_worker_stops_the_task():
    world = World(error=RuntimeError("bug"))
    world.run()
    assert world.task.stop_code == "TaskFailedToStart"
    assert not world.task.busy
