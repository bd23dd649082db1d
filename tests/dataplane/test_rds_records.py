"""Backups and modifications in moto's records of DB instances."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto.rds.models import rds_backends

from localstack_dataplane.control import ControlError
from localstack_dataplane.moto_state import rds_backups, rds_modifications
from localstack_dataplane.rds_maintenance import MaintenanceWindows

ACCOUNT, REGION = "000000000042", "us-east-1"


@pytest.fixture
def backend() -> Iterator[Any]:
    found = rds_backends[ACCOUNT][REGION]
    yield found
    found.reset()


def create(backend: Any, **options: Any) -> Any:
    return backend.create_db_instance(
        {
            "db_instance_identifier": "orders",
            "db_instance_class": "db.t4g.micro",
            "engine": "postgres",
            "allocated_storage": 20,
            "master_username": "admin",
            "master_user_password": "first-Passw0rd",
            **options,
        }
    )


def states(backend: Any) -> list[str]:
    return [snapshot.status for snapshot in backend.database_snapshots.values()]


def test_the_backup_of_a_new_instance_has_to_be_made(backend: Any) -> None:
    rds_backups.begin(create(backend, backup_retention_period=1))
    assert states(backend) == ["creating"]


def test_an_instance_whose_backups_are_not_kept_has_none(backend: Any) -> None:
    rds_backups.begin(create(backend, backup_retention_period=0))
    assert states(backend) == []


def test_a_backup_is_made_when_they_begin_to_be_kept(backend: Any) -> None:
    database = create(backend, backup_retention_period=0)
    rds_backups.begin(database)
    database.backup_retention_period = 7
    rds_backups.change(database, before=0)
    assert states(backend) == ["creating"]


def test_backups_that_are_no_longer_kept_go_and_manual_snapshots_stay(backend: Any) -> None:
    database = create(backend, backup_retention_period=7)
    rds_backups.begin(database)
    backend.create_db_snapshot("orders", "by-hand")
    database.backup_retention_period = 0
    rds_backups.change(database, before=7)
    assert list(backend.database_snapshots) == ["by-hand"]


def test_what_waits_is_applied_and_restarts_the_server_if_it_has_to(backend: Any) -> None:
    database = create(backend)
    rds_modifications.keep(database, {"DBInstanceClass": "db.m7g.large", "AllocatedStorage": 50})
    rds_modifications.apply(database)
    assert (database.db_instance_class, database.allocated_storage) == ("db.m7g.large", 50)
    assert (database.status, database.dataplane_restarts) == ("modifying", True)
    assert rds_modifications.waiting(database) == {}


def test_more_storage_does_not_restart_the_server(backend: Any) -> None:
    database = create(backend)
    rds_modifications.keep(database, {"AllocatedStorage": 50})
    rds_modifications.apply(database)
    assert not hasattr(database, "dataplane_restarts")


def test_a_window_on_demand_applies_what_waits(backend: Any) -> None:
    database, woken = create(backend), []
    rds_modifications.keep(database, {"MultiAZ": True})
    windows = MaintenanceWindows(lambda: woken.append(1))
    assert windows.open({"instance": database.arn}) == {"applied": ["MultiAZ"]}
    assert (database.multi_az, woken) == (True, [1])


def test_a_window_on_demand_without_anything_to_do_does_nothing(backend: Any) -> None:
    database, woken = create(backend), []
    assert MaintenanceWindows(lambda: woken.append(1)).open({"instance": database.arn}) == {"applied": []}
    assert woken == []


def test_a_window_is_opened_for_an_available_instance_only(backend: Any) -> None:
    database = create(backend)
    database.status = "rebooting"
    with pytest.raises(ControlError, match="is rebooting"):
        MaintenanceWindows(lambda: None).open({"instance": database.arn})
    with pytest.raises(ControlError, match="There is no DB instance 'none'"):
        MaintenanceWindows(lambda: None).open({"instance": "none"})
