"""The steps of a task, with a Docker of our own."""

import threading
from dataclasses import replace
from typing import Any

import pytest

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError, ImageError
from localstack_dataplane.ecs.definition import ContainerDefinition, LogStream, TaskDefinition
from localstack_dataplane.ecs.lifecycle import (
    RemoveTask,
    RestartContainer,
    SignalContainer,
    StartContainer,
    StartNetwork,
)
from localstack_dataplane.ecs.networks import Networks
from localstack_dataplane.ecs.runner import TaskRunner
from localstack_dataplane.ecs.task import Task
from localstack_dataplane.logs import LogError, LogTarget

CONFIG = Config(instance="local", address="169.254.170.2", backing_image="backing")


class Docker:
    def __init__(self):
        self.calls, self.error = [], None

    def run(self, image, *, name, **_):
        if self.error:
            raise self.error
        self.calls.append(("run", name))
        return Container(id=f"id-{name}", name=name, status="running", address="10.0.0.9")

    def __getattr__(self, name):
        return lambda *arguments: self.calls.append((name, *arguments))


class Logs:
    def __init__(self):
        self.followed, self.finished, self.error = [], True, None

    def open(self, target, *, create_group):
        if self.error:
            raise self.error

    def follow(self, container_id, target, since=0.0):
        self.followed.append((container_id, target))

    def resume(self, container_id, target):
        self.followed.append((container_id, target))

    def drained(self, container_id):
        return self.finished


class World:
    def __init__(self):
        docker: Any = Docker()
        logs: Any = Logs()
        aws: Any = None
        self.docker, self.logs = docker, logs
        log = LogStream(group="g", prefix="p")
        app = ContainerDefinition(name="app", image="i", log=log)
        definition = TaskDefinition(arn="a/fam:1", containers=(app,), volumes=("v",))
        self.task = Task(id="t1", account="1", region="r", cluster="c", definition=definition, group="g")
        networks = Networks(CONFIG, docker, kept_ready=0)
        self.runner = TaskRunner(CONFIG, docker, aws, logs, networks)

    def perform(self, *steps):
        self.runner.perform(self.task, list(steps))
        return self.task


def test_the_network_gives_the_task_its_address():
    world = World()
    assert world.perform(StartNetwork()).address == "10.0.0.9"
    assert world.docker.calls[0][:2] == ("ensure_volume", "local-t1-v")


def test_a_container_is_followed_from_its_start():
    world = World()
    task = world.perform(StartNetwork(), StartContainer("app"))
    assert task.containers["app"].runtime_id == "id-local-fam-t1-app"
    assert world.logs.followed == [("id-local-fam-t1-app", LogTarget("1", "r", "g", "p/app/t1"))]


def test_containers_that_may_start_together_do():
    world = World()
    app = world.task.definition.containers[0]
    definition = replace(world.task.definition, containers=(app, replace(app, name="sidecar")))
    world.task = replace(world.task, definition=definition, containers={})
    world.perform(StartNetwork())
    both, run = threading.Barrier(2, timeout=10), world.docker.run

    def meet(*arguments, **options):
        both.wait()
        return run(*arguments, **options)

    world.docker.run = meet
    task = world.perform(StartContainer("app"), StartContainer("sidecar"))
    assert [task.containers[name].runtime_id for name in ("app", "sidecar")] == [
        "id-local-fam-t1-app",
        "id-local-fam-t1-sidecar",
    ]


def test_what_comes_after_a_step_that_fails_is_not_done():
    world = World()
    world.docker.error = DockerError("no room")
    task = world.perform(StartNetwork(), StartContainer("app"))
    assert (task.stopped_reason, task.containers["app"].runtime_id) == (
        "CannotStartContainerError: no room",
        "",
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ImageError("i: not found"), "CannotPullContainerError: i: not found"),
        (DockerError("no room"), "CannotStartContainerError: no room"),
    ],
)
def test_what_docker_refuses_stops_the_task_with_the_reason_of_ecs(error, reason):
    world = World()
    world.perform(StartNetwork())
    world.docker.error = error
    task = world.perform(StartContainer("app"))
    assert (task.stop_code, task.stopped_reason) == ("TaskFailedToStart", reason)
    assert task.containers["app"].reason == reason


def test_a_missing_log_group_stops_the_task():
    world = World()
    world.perform(StartNetwork())
    world.logs.error = LogError("ResourceInitializationError: no group")
    assert world.perform(StartContainer("app")).stopped_reason == "ResourceInitializationError: no group"


@pytest.fixture
def running():
    world = World()
    world.perform(StartNetwork(), StartContainer("app"))
    world.docker.calls.clear()
    return world


def test_a_signal_is_sent_and_its_first_time_kept(running):
    task = running.perform(SignalContainer("app", "TERM"))
    first = task.signalled["app"]
    running.perform(SignalContainer("app", "KILL"))
    assert task.signalled["app"] == first
    assert [call[2] for call in running.docker.calls] == ["TERM", "KILL"]


def test_a_restart_waits_until_the_log_is_complete(running):
    running.logs.finished = False
    running.perform(RestartContainer("app"))
    assert running.docker.calls == []
    running.logs.finished = True
    running.perform(RestartContainer("app"))
    assert running.docker.calls == [("start", "id-local-fam-t1-app")]
    assert running.task.containers["app"].restarts == 1


def test_nothing_is_removed_before_the_log_is_complete(running):
    running.logs.finished = False
    assert running.perform(RemoveTask()).last_status != "STOPPED"
    assert running.docker.calls == []


def test_the_removal_takes_containers_network_and_volumes(running):
    task = running.perform(RemoveTask())
    assert running.docker.calls == [
        ("remove", "id-local-fam-t1-app"),
        ("remove", "id-local-fam-task-t1-network"),
        ("remove_volume", "local-t1-v"),
    ]
    assert (task.last_status, task.containers["app"].status) == ("STOPPED", "STOPPED")


def test_the_logs_of_a_task_of_the_process_before_are_followed():
    world = World()
    world.runner.adopt(world.task)
    assert world.logs.followed == []
    world.task.containers["app"].runtime_id = "0a"
    world.runner.adopt(world.task)
    assert world.logs.followed == [("0a", LogTarget("1", "r", "g", "p/app/t1"))]
