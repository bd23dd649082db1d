"""What is next for one task, without Docker."""

from datetime import UTC, datetime, timedelta

import pytest

from localstack_dataplane.containers import Container, HealthCheck
from localstack_dataplane.ecs.definition import ContainerDefinition, RestartPolicy, TaskDefinition
from localstack_dataplane.ecs.lifecycle import (
    RemoveTask,
    RestartContainer,
    SignalContainer,
    StartContainer,
    StartNetwork,
    StopTask,
    TaskView,
    last_status,
    next_steps,
    task_health,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHECK = HealthCheck(test=("CMD", "true"))


def definition(*containers):
    return TaskDefinition(arn="arn:aws:ecs:r:a:task-definition/f:1", containers=containers)


def container(status="running", *, exit_code=None, health=None, ran=0.0):
    return Container(
        id="id",
        name="n",
        status=status,
        exit_code=exit_code,
        health=health,
        started_at=NOW - timedelta(seconds=ran),
        finished_at=NOW if status == "exited" else None,
    )


def view(task_definition, containers=None, **values):
    containers = containers or {}
    values = {"network": container(), "created": frozenset(containers)} | values
    return TaskView(definition=task_definition, containers=containers, **values)


def steps(*arguments, **values):
    return next_steps(view(*arguments, **values), NOW)


APP = ContainerDefinition(name="app", image="i")


def after(name, condition, **values):
    return ContainerDefinition(name="late", image="i", depends_on={name: condition}, **values)


def test_a_new_task_first_gets_its_network():
    assert steps(definition(APP), network=None) == [StartNetwork()]


def test_a_container_without_dependencies_starts_once_the_network_is_there():
    assert steps(definition(APP)) == [StartContainer("app")]


def test_a_running_task_needs_nothing():
    assert steps(definition(APP), {"app": container()}) == []


@pytest.mark.parametrize(
    ("condition", "dependency", "starts"),
    [
        ("START", container(), True),
        ("START", container("created"), False),
        ("COMPLETE", container(), False),
        ("COMPLETE", container("exited", exit_code=3), True),
        ("SUCCESS", container(), False),
        ("SUCCESS", container("exited", exit_code=0), True),
        ("HEALTHY", container(health="starting"), False),
        ("HEALTHY", container(health="healthy"), True),
    ],
)
def test_a_dependency_holds_a_container_back_until_its_condition_is_met(condition, dependency, starts):
    first = ContainerDefinition(name="first", image="i", essential=False, health_check=CHECK)
    task = definition(first, after("first", condition))
    assert (steps(task, {"first": dependency}) == [StartContainer("late")]) is starts


def test_a_dependency_that_was_not_started_yet_holds_back():
    first = ContainerDefinition(name="first", image="i", essential=False, depends_on={"other": "HEALTHY"})
    other = ContainerDefinition(name="other", image="i", health_check=CHECK)
    task = definition(other, first, after("first", "START"))
    assert steps(task, {"other": container(health="starting")}) == []


@pytest.mark.parametrize(
    ("condition", "dependency"),
    [
        ("SUCCESS", container("exited", exit_code=1)),
        ("HEALTHY", container(health="unhealthy")),
        ("HEALTHY", container("exited", exit_code=0)),
    ],
)
def test_a_condition_that_cannot_be_met_any_more_stops_the_task(condition, dependency):
    first = ContainerDefinition(name="first", image="i", essential=False, health_check=CHECK)
    [step] = steps(definition(first, after("first", condition)), {"first": dependency})
    assert step.code == "TaskFailedToStart"
    assert f"its dependency first did not reach {condition}" in step.reason


def test_a_dependency_that_takes_longer_than_its_start_timeout_stops_the_task():
    first = ContainerDefinition(
        name="first", image="i", essential=False, health_check=CHECK, start_timeout=30
    )
    task = definition(first, after("first", "HEALTHY"))
    assert steps(task, {"first": container(health="starting", ran=29)}) == []
    assert isinstance(steps(task, {"first": container(health="starting", ran=31)})[0], StopTask)


def test_the_exit_of_an_essential_container_stops_the_task():
    assert steps(definition(APP), {"app": container("exited", exit_code=0)}) == [
        StopTask("EssentialContainerExited", "Essential container in task exited")
    ]


def test_the_exit_of_another_container_does_not():
    other = ContainerDefinition(name="other", image="i", essential=False)
    assert (
        steps(definition(APP, other), {"app": container(), "other": container("exited", exit_code=1)}) == []
    )


def test_an_essential_container_that_somebody_removed_counts_as_exited():
    assert isinstance(steps(definition(APP), {}, created=frozenset({"app"}))[0], StopTask)


def test_a_lost_network_stops_the_task():
    assert isinstance(steps(definition(APP), {"app": container()}, network=container("exited"))[0], StopTask)


@pytest.mark.parametrize(
    ("exit_code", "ran", "restarts"), [(1, 61, True), (1, 59, False), (0, 61, True), (7, 61, False)]
)
def test_a_restart_policy_restarts_a_container_that_ran_long_enough(exit_code, ran, restarts):
    policy = RestartPolicy(enabled=True, attempt_period=60, ignored_exit_codes=frozenset({7}))
    app = ContainerDefinition(name="app", image="i", restart_policy=policy)
    found = steps(definition(app), {"app": container("exited", exit_code=exit_code, ran=ran)})
    assert (found == [RestartContainer("app")]) is restarts


def test_a_stopping_task_gets_a_signal_then_is_killed_after_its_stop_timeout():
    app = ContainerDefinition(name="app", image="i", stop_timeout=10)
    running = {"app": container()}
    assert steps(definition(app), running, stopping=True) == [SignalContainer("app", "TERM")]
    sent = {"app": NOW - timedelta(seconds=9)}
    assert steps(definition(app), running, stopping=True, signalled=sent) == []
    sent = {"app": NOW - timedelta(seconds=10)}
    assert steps(definition(app), running, stopping=True, signalled=sent) == [SignalContainer("app", "KILL")]


def test_a_container_stops_after_those_that_depend_on_it():
    task = definition(APP, after("app", "START"))
    assert steps(task, {"app": container(), "late": container()}, stopping=True) == [
        SignalContainer("late", "TERM")
    ]
    assert steps(task, {"app": container(), "late": container("exited", exit_code=0)}, stopping=True) == [
        SignalContainer("app", "TERM")
    ]


def test_a_task_that_a_load_balancer_still_drains_is_left_alone():
    assert steps(definition(APP), {"app": container()}, stopping=True, drained=False) == []


def test_at_the_end_of_a_spot_notice_everything_is_killed():
    late = {"stopping": True, "signalled": {"app": NOW}, "notice_ends": NOW}
    assert steps(definition(APP), {"app": container()}, **late) == [SignalContainer("app", "KILL")]


def test_a_task_whose_containers_have_all_stopped_is_removed():
    assert steps(definition(APP), {"app": container("exited", exit_code=0)}, stopping=True) == [RemoveTask()]


@pytest.mark.parametrize(
    ("values", "previous", "expected"),
    [
        ({"network": None}, "PROVISIONING", "PROVISIONING"),
        ({}, "PROVISIONING", "PENDING"),
        ({"containers": {"app": container()}}, "PENDING", "RUNNING"),
        ({"containers": {"app": container("exited", exit_code=1)}}, "RUNNING", "RUNNING"),
        ({"stopping": True, "drained": False}, "RUNNING", "DEACTIVATING"),
        ({"stopping": True, "containers": {"app": container()}}, "RUNNING", "STOPPING"),
        ({"stopping": True, "containers": {"app": container("exited")}}, "STOPPING", "DEPROVISIONING"),
    ],
)
def test_the_status_of_a_task_follows_its_containers(values, previous, expected):
    assert last_status(view(definition(APP), **values), previous) == expected


@pytest.mark.parametrize(
    ("healths", "expected"),
    [
        (("healthy", "healthy"), "HEALTHY"),
        (("healthy", "starting"), "UNKNOWN"),
        (("healthy", "unhealthy"), "UNHEALTHY"),
    ],
)
def test_the_health_of_a_task_is_that_of_its_essential_containers(healths, expected):
    names = [f"c{number}" for number in range(len(healths))]
    task = definition(*(ContainerDefinition(name=name, image="i", health_check=CHECK) for name in names))
    containers = {name: container(health=health) for name, health in zip(names, healths, strict=True)}
    assert task_health(view(task, containers)) == expected


def test_without_a_health_check_the_health_is_unknown():
    assert task_health(view(definition(APP), {"app": container(health="healthy")})) == "UNKNOWN"
