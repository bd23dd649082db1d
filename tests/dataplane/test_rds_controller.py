from dataclasses import replace
from typing import Any, cast

import pytest
from fake_docker import FakeDocker

from localstack_dataplane.config import Config
from localstack_dataplane.names import Names
from localstack_dataplane.passes import PassError
from localstack_dataplane.pki import Certificate
from localstack_dataplane.rds.controller import RdsController
from localstack_dataplane.rds.model import DbInstance

ARN = "arn:aws:rds:us-east-1:1:db:airflow"
HOST = "airflow.aaaaaaaaaa.us-east-1.rds.amazonaws.com"
NAME = "local-rds-airflow"
INSTANCE = DbInstance(
    arn=ARN,
    identifier="airflow",
    status="creating",
    host=HOST,
    port=5432,
    engine_version="16.4",
    master_username="airflow",
    master_password="s3cret",
)


class State:
    def __init__(self, *instances: DbInstance) -> None:
        self.known = {instance.arn: instance for instance in instances}

    def instances(self) -> list[DbInstance]:
        return list(self.known.values())

    def set_status(self, arn: str, status: str) -> None:
        self.change(status=status)

    def forget(self, arn: str) -> None:
        del self.known[arn]

    def change(self, **changes: Any) -> None:
        self.known[ARN] = replace(self.known[ARN], **changes)


class Authority:
    def issue(self, common_name: str, names: list[str]) -> Certificate:
        return Certificate(chain=",".join(names).encode(), key=b"key")


class World:
    def __init__(self) -> None:
        self.docker = FakeDocker()
        self.names = Names()
        self.state = State(INSTANCE)
        self.controller = self.new_controller()

    def new_controller(self) -> RdsController:
        config = Config(instance="local", address="10.0.0.99", backing_image="backing")
        return RdsController(
            config, cast(Any, self.docker), self.names, cast(Any, Authority()), cast(Any, self.state)
        )

    def passes(self, count: int = 1) -> None:
        for _ in range(count):
            self.controller.reconcile()

    @property
    def status(self) -> str:
        return self.state.known[ARN].status


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def running(world: World) -> World:
    world.passes(2)
    assert world.status == "available"
    return world


def test_an_instance_gets_a_container_with_a_volume_for_its_data(world: World) -> None:
    world.passes()
    assert world.docker.mounted[world.docker.named(NAME).id] == {NAME: "/var/lib/postgresql/data"}


def test_the_certificate_is_for_the_endpoint(world: World) -> None:
    world.passes()
    assert world.docker.files[world.docker.named(NAME).id]["/etc/backing/tls.crt"] == HOST.encode()


def test_an_instance_is_creating_until_postgresql_accepts_connections(world: World) -> None:
    world.docker.exit_codes["postgres-ready"] = 2
    world.passes(3)
    assert world.status == "creating"
    world.docker.exit_codes.clear()
    world.passes()
    assert world.status == "available"


def test_the_endpoint_has_no_address_before_that(world: World) -> None:
    world.passes()
    assert world.names.resolve(HOST) == ()


def test_the_endpoint_leads_to_the_container(running: World) -> None:
    assert running.names.resolve(HOST) == ("10.0.0.1",)


def test_the_password_is_nowhere_in_the_container(running: World) -> None:
    files = running.docker.files[running.docker.named(NAME).id]
    assert not [path for path, content in files.items() if b"s3cret" in content]


def test_nothing_is_done_when_nothing_changed(running: World) -> None:
    before = list(running.docker.commands)
    running.passes(3)
    assert running.docker.commands == before


def test_a_changed_password_is_applied(running: World) -> None:
    running.docker.commands.clear()
    running.state.change(master_password="another")
    running.passes()
    assert running.docker.commands == [(NAME, ["postgres-apply", "/etc/backing/accounts.sql"])]


def test_a_changed_parameter_is_applied_by_a_reload(running: World) -> None:
    running.docker.commands.clear()
    running.state.change(parameters={"work_mem": "8192"})
    running.passes()
    assert running.docker.commands == [(NAME, ["postgres-reload"])]


def test_a_container_that_died_is_replaced_on_its_volume(running: World) -> None:
    running.docker.kill(NAME)
    running.passes()
    assert running.status == "rebooting"
    running.passes()
    assert running.status == "available"
    assert running.docker.mounted[running.docker.named(NAME).id] == {NAME: "/var/lib/postgresql/data"}


def test_the_endpoint_follows_the_new_container(running: World) -> None:
    running.docker.kill(NAME)
    running.passes(2)
    assert running.names.resolve(HOST) == ("10.0.0.2",)


def test_a_reboot_replaces_the_container_once(running: World) -> None:
    running.state.change(status="rebooting")
    running.passes(4)
    assert (running.docker.named(NAME).id, running.status) == ("id2", "available")


def test_a_stopped_instance_keeps_its_volume_only(running: World) -> None:
    running.state.change(status="stopped")
    running.passes()
    assert (running.docker.found, list(running.docker.volume_labels)) == ({}, [NAME])


def test_a_deleted_instance_leaves_nothing(running: World) -> None:
    running.state.change(status="deleting")
    running.passes()
    assert (running.docker.found, running.docker.volume_labels, running.state.known) == ({}, {}, {})
    assert running.names.resolve(HOST) is None or running.names.resolve(HOST) == ()


def test_what_the_api_does_not_know_is_removed(running: World) -> None:
    running.state.known.clear()
    running.passes()
    assert (running.docker.found, running.docker.volume_labels) == ({}, {})


def test_a_container_found_running_is_adopted(running: World) -> None:
    running.controller = running.new_controller()
    running.passes(2)
    assert (list(running.docker.found), running.names.resolve(HOST)) == (["id1"], ("10.0.0.1",))


def test_a_server_that_refuses_its_accounts_is_not_available(world: World) -> None:
    world.docker.exit_codes["postgres-apply"] = 3
    world.passes()
    with pytest.raises(PassError, match="DB instance airflow: postgres-apply failed with exit code 3"):
        world.passes()
    assert world.status == "creating"
