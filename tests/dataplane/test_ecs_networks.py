"""Network namespaces made ahead, with a Docker of our own."""

from dataclasses import replace
from typing import Any

import pytest
from fake_docker import FakeDocker

from localstack_dataplane.config import Config
from localstack_dataplane.containers import Container, DockerError
from localstack_dataplane.ecs.networks import Networks, owner

CONFIG = Config(instance="local", address="10.0.0.99", backing_image="backing")
LABELS = CONFIG.labels("ecs-task-pause", "arn:task", task="0a")


def networks(docker: Any) -> Networks:
    return Networks(CONFIG, docker, kept_ready=2)


class World:
    def __init__(self, ready: int = 0) -> None:
        self.docker = FakeDocker()
        self.networks = networks(self.docker)
        for _ in range(ready):
            self.networks.make_one()

    def take(self, task: str = "0a") -> Container:
        return self.networks.take(task, "local-web", LABELS)

    def look(self) -> None:
        self.networks.observe(self.docker.containers())


def test_a_task_gets_a_network_that_is_ready() -> None:
    world = World(ready=1)
    [spare] = world.docker.containers()
    taken = world.take()
    assert (taken.id, taken.address) == (spare.id, spare.address)


def test_a_network_that_was_made_ahead_belongs_to_nobody_until_it_is_taken() -> None:
    world = World(ready=1)
    [spare] = world.docker.containers()
    assert (owner(spare), owner(world.take())) == ("", "0a")


def test_with_none_ready_a_new_one_is_made() -> None:
    taken = World().take()
    assert (taken.name, taken.labels) == ("local-web-task-0a-network", LABELS)
    assert owner(taken) == "0a"


def test_a_name_that_was_taken_still_tells_whose_it_is() -> None:
    assert owner(replace(World().take(), name="local-web-task-0a-network-12ab34", labels={})) == ""
    labels = {"localstack-dataplane.kind": "ecs-task-pause"}
    assert owner(replace(World().take(), name="local-web-task-0a-network-12ab34", labels=labels)) == "0a"


def test_no_two_tasks_get_the_same_network() -> None:
    world = World(ready=1)
    before = world.docker.containers()
    first = world.take("0a")
    world.networks.observe(before)  # what a pass saw before the first was taken
    assert world.take("0b").id != first.id


def test_fewer_than_wanted_are_missing() -> None:
    world = World(ready=1)
    assert world.networks.missing
    world.networks.make_one()
    assert not world.networks.missing


def test_those_of_the_process_before_are_used() -> None:
    before = World(ready=2)
    world = World()
    world.docker = before.docker
    world.networks = networks(before.docker)
    world.look()
    assert not world.networks.missing


def test_one_that_docker_showed_before_it_was_started_stays() -> None:
    world = World()
    run, shown = world.docker.run, []

    def look_meanwhile(*arguments: Any, **options: Any) -> Container:
        made = run(*arguments, **options)
        shown.append(replace(made, status="created", address=""))
        world.networks.observe(shown)
        return made

    world.docker.run = look_meanwhile  # type: ignore[method-assign]
    world.networks.make_one()
    world.networks.observe(shown)
    assert world.docker.containers() != []


def test_one_that_a_look_was_too_early_for_still_counts() -> None:
    world = World(ready=2)
    world.networks.observe([])
    assert not world.networks.missing


def test_their_names_come_again() -> None:
    world = World(ready=2)
    world.take()
    world.networks.make_one()
    names = {item.name for item in world.docker.containers() if not owner(item)}
    assert names == {"local-spare-1-network", "local-spare-2-network"}


@pytest.mark.parametrize("changed", [{"status": "exited"}, {"image": "older"}, {"address": ""}])
def test_one_that_is_of_no_use_is_removed(changed: dict[str, Any]) -> None:
    world = World(ready=1)
    [spare] = world.docker.containers()
    world.docker.found[spare.id] = replace(spare, **changed)
    world.look()
    assert world.docker.containers() == []


def test_one_that_was_killed_unseen_is_not_handed_out() -> None:
    world = World(ready=2)
    killed, other = world.docker.containers()
    world.docker.kill(killed.name)
    assert world.take().id == other.id


def test_one_that_was_removed_unseen_is_not_handed_out() -> None:
    world = World(ready=1)
    world.docker.found.clear()
    assert world.take().running


def test_that_none_can_be_made_ahead_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    world = World()

    def refuse(*_: object, **__: object) -> Container:
        raise DockerError("no room")

    world.docker.run = refuse  # type: ignore[method-assign]
    world.networks.make_one()
    assert "No network can be made ahead: no room" in caplog.text


def test_all_that_are_ready_can_be_removed_and_those_of_tasks_stay() -> None:
    world = World(ready=2)
    taken = world.take()
    world.networks.remove_all()
    assert [item.id for item in world.docker.containers()] == [taken.id]
