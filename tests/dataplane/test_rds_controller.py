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
from localstack_dataplane.rds.snapshots import DbSnapshot

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
        self.backups: list[DbSnapshot] = []
        self.in_sync: bool | None = None
        self.starts = self.maintained = 0

    def instances(self) -> list[DbInstance]:
        return list(self.known.values())

    def snapshots(self) -> list[DbSnapshot]:
        return list(self.backups)

    def set_status(self, arn: str, status: str) -> None:
        self.change(status=status)

    def set_snapshot_status(self, data: str, status: str) -> None:
        self.backups = [
            replace(backup, status=status) if backup.data == data else backup for backup in self.backups
        ]

    def set_parameters_in_sync(self, arn: str, *, in_sync: bool) -> None:
        self.in_sync = in_sync

    def started(self, arn: str) -> None:
        self.starts += 1
        self.change(fails_over=False, restarts=False)

    def begin_maintenance(self) -> None:
        self.maintained += 1

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

    def finish_copies(self, exit_code: int = 0) -> None:
        """What copies data ends."""
        for copy in self.docker.containers(kind="rds-copy"):
            self.docker.found[copy.id] = replace(copy, status="exited", exit_code=exit_code)


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


def test_a_reboot_restarts_the_server_where_it_is(running: World) -> None:
    running.docker.commands.clear()
    running.state.change(status="rebooting")
    running.passes(4)
    assert [argv[0] for _, argv in running.docker.commands] == [
        "postgres-reboot",
        "postgres-ready",
        "postgres-reload",
    ]
    assert (running.docker.named(NAME).id, running.status) == ("id1", "available")


def test_an_instance_is_rebooting_until_its_server_accepts_connections(running: World) -> None:
    running.docker.exit_codes["postgres-ready"] = 2
    running.state.change(status="rebooting")
    running.passes(3)
    assert running.status == "rebooting"


def test_a_failover_starts_another_server_on_the_same_data(running: World) -> None:
    running.state.change(status="rebooting", fails_over=True)
    running.passes(3)
    server = running.docker.named(NAME)
    assert (server.id, running.status) == ("id2", "available")
    assert running.docker.mounted[server.id] == {NAME: "/var/lib/postgresql/data"}
    assert running.names.resolve(HOST) == (server.address,)


def test_the_endpoint_keeps_its_address_until_another_server_answers(running: World) -> None:
    running.docker.exit_codes["postgres-ready"] = 2
    running.state.change(status="rebooting", fails_over=True)
    running.passes(2)
    assert running.names.resolve(HOST) == ("10.0.0.1",)


def test_a_modification_that_restarts_does_so_once(running: World) -> None:
    running.state.change(status="modifying", restarts=True)
    running.passes(4)
    assert [argv[0] for _, argv in running.docker.commands].count("postgres-reboot") == 1
    assert running.status == "available"


def parameters_of(world: World) -> bytes:
    return world.docker.files[world.docker.named(NAME).id]["/etc/backing/parameters.conf"]


def test_a_static_parameter_waits_for_a_reboot(running: World) -> None:
    running.state.change(parameters={"max_connections": "50", "work_mem": "8192"})
    running.passes(2)
    assert (parameters_of(running), running.state.in_sync) == (b"work_mem = '8192'\n", False)


def test_a_reboot_takes_over_what_waited(running: World) -> None:
    running.state.change(parameters={"max_connections": "50"})
    running.passes()
    running.state.change(status="rebooting")
    running.passes(3)
    assert (parameters_of(running), running.state.in_sync) == (b"max_connections = '50'\n", True)


def test_a_stopped_instance_keeps_its_volume_only(running: World) -> None:
    running.state.change(status="stopping")
    running.passes()
    assert (running.docker.found, list(running.docker.volume_labels)) == ({}, [NAME])
    assert running.status == "stopped"


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


BACKUP = DbSnapshot(data="d1", source=ARN, status="creating")
VOLUME = "local-rds-snapshot-d1"


def test_a_snapshot_is_copied_from_the_running_server_into_a_volume(running: World) -> None:
    running.state.backups = [BACKUP]
    running.passes()
    assert running.docker.mounted[running.docker.named("local-rds-copy-d1").id] == {
        VOLUME: "/var/lib/postgresql/snapshot"
    }
    assert running.state.backups == [BACKUP]


def test_a_snapshot_is_available_when_all_is_copied(running: World) -> None:
    running.state.backups = [BACKUP]
    running.state.change(status="backing-up")
    running.passes()
    running.finish_copies()
    running.passes()
    assert (running.state.backups[0].status, running.status) == ("available", "available")
    assert VOLUME in running.docker.volume_labels


def test_a_new_instance_is_backed_up_before_it_is_available(world: World) -> None:
    world.state.backups = [BACKUP]
    world.passes(2)
    assert world.status == "backing-up"
    world.finish_copies()
    world.passes(2)
    assert (world.state.backups[0].status, world.status) == ("available", "available")


def test_a_backup_that_fails_does_not_keep_an_instance_from_being_available(world: World) -> None:
    world.state.backups = [BACKUP]
    world.passes(2)
    world.finish_copies(exit_code=1)
    world.passes(2)
    assert (world.state.backups[0].status, world.status) == ("failed", "available")


def test_each_pass_looks_for_maintenance_windows(running: World) -> None:
    before = running.state.maintained
    running.passes()
    assert running.state.maintained == before + 1


def test_a_snapshot_that_cannot_be_copied_has_failed(running: World) -> None:
    running.state.backups = [BACKUP]
    running.passes()
    running.finish_copies(exit_code=1)
    running.passes()
    assert running.state.backups[0].status == "failed"
    assert VOLUME not in running.docker.volume_labels


def test_an_instance_is_deleted_after_its_final_snapshot_only(running: World) -> None:
    running.state.backups = [BACKUP]
    running.state.change(status="deleting")
    running.passes()
    assert ARN in running.state.known
    running.finish_copies()
    running.passes(2)
    assert (running.state.known, list(running.docker.volume_labels)) == ({}, [VOLUME])


def test_the_data_of_a_deleted_snapshot_is_removed(running: World) -> None:
    running.docker.ensure_volume(
        VOLUME,
        {"localstack-dataplane.kind": "rds-snapshot", "localstack-dataplane.resource": "d1"},
    )
    running.passes()
    assert VOLUME not in running.docker.volume_labels


def test_an_instance_that_begins_with_data_that_are_not_copied_yet_waits(world: World) -> None:
    world.state.backups = [replace(BACKUP, source="arn:other")]
    world.state.change(restored_from="d1")
    world.controller._back_up = lambda *_: None  # type: ignore[method-assign]
    world.passes(2)
    assert world.docker.containers() == []


def test_a_restored_instance_gets_the_data_before_its_server_starts(world: World) -> None:
    world.state.backups = [replace(BACKUP, status="available")]
    world.state.change(restored_from="d1")
    world.passes()
    copy = world.docker.named("local-rds-copy-airflow")
    assert world.docker.mounted[copy.id] == {
        VOLUME: "/var/lib/postgresql/snapshot:ro",
        NAME: "/var/lib/postgresql/data",
    }
    assert world.docker.containers(kind="rds") == []
    world.finish_copies()
    world.passes(3)
    assert (world.status, world.docker.containers(kind="rds-copy")) == ("available", [])
