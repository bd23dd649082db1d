"""Passes over tasks, with a Docker and records of our own."""

import threading

import pytest

from localstack_dataplane.containers import Container
from localstack_dataplane.ecs.controller import EcsController
from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.instances import Instances
from localstack_dataplane.ecs.lifecycle import StartNetwork
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
        self.counts = {}

    def services(self):
        return []

    def write_clusters(self, counts):
        self.counts = counts


class Runner:
    def __init__(self, error=None):
        self.performed, self.error, self.done = [], error, threading.Event()

    def perform(self, task, steps):
        self.performed += steps
        self.done.set()
        if self.error:
            raise self.error


class Registry:
    def sync(self, wanted):
        pass


class World:
    def __init__(self, error=None):
        self.docker, self.state, self.tasks, self.runner = Docker(), State(), TaskStore(), Runner(error)
        self.controller = EcsController(
            docker=self.docker,
            state=self.state,
            tasks=self.tasks,
            runner=self.runner,
            targets=Targets(None),
            instances=Instances(Registry()),
        )
        self.task = Task(id="t1", account="1", region="r", cluster="c", definition=DEFINITION, group="g")
        self.tasks.add(self.task)

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


def test_a_worker_carries_out_the_next_step_of_a_task(world):
    world.run()
    assert world.runner.performed == [StartNetwork()]
    assert not world.task.busy


def test_a_busy_task_is_left_alone(world):
    world.task.busy = True
    world.run()
    assert world.runner.performed == []


def test_clusters_learn_how_many_tasks_are_on_their_way(world):
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
