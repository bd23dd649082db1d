"""DB instances and snapshots in moto's state.

What moto has no place for is kept in attributes of its records that start with `dataplane_`.
"""

import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.rds.models import rds_backends

from localstack_dataplane.clock import now
from localstack_dataplane.moto_state import rds_modifications, rds_secrets
from localstack_dataplane.moto_state.backends import every
from localstack_dataplane.rds.model import DbInstance
from localstack_dataplane.rds.parameters import waiting
from localstack_dataplane.rds.snapshots import DbSnapshot

_ENGINE = "postgres"
_RESOURCE_ID_CHARACTERS = string.ascii_uppercase + string.digits
_RESOURCE_ID_LENGTH = 26
_COMPLETE = 100

_unseen: set[tuple[str, str, str]] = set()


class MotoRds:
    """What moto recorded of DB instances and snapshots."""

    def instances(self) -> list[DbInstance]:
        """All with the PostgreSQL engine, those being deleted too."""
        return [_instance(found) for _, found in _databases()]

    def snapshots(self) -> list[DbSnapshot]:
        """All that have data, or will have."""
        named = [
            DbSnapshot(data=found.dataplane_data, source=found.dataplane_source, status=found.status)
            for found in _snapshots()
        ]
        return named + [
            DbSnapshot(data=found.dataplane_restored_from, source=found.dataplane_source, status=status)
            for _, found in _databases()
            if found.status == "creating" and (status := getattr(found, "dataplane_copied", None))
        ]

    def set_status(self, arn: str, status: str) -> None:
        """Write the status back; an instance that was deleted meanwhile stays so."""
        for _, database in _databases():
            if database.arn == arn and database.status != "deleting":
                database.status = status

    def set_snapshot_status(self, data: str, status: str) -> None:
        """Write the status of the snapshots with these data back."""
        for snapshot in _snapshots():
            if snapshot.dataplane_data == data:
                set_snapshot_status(snapshot, status)
        for _, database in _databases():
            if getattr(database, "dataplane_restored_from", None) == data:
                database.dataplane_copied = status

    def set_parameters_in_sync(self, arn: str, *, in_sync: bool) -> None:
        """Whether the server runs with all that its parameter group says."""
        for _, database in _databases():
            if database.arn == arn:
                database.dataplane_parameters = "in-sync" if in_sync else "pending-reboot"

    def started(self, arn: str) -> None:
        """The server was started, by a reboot too: what waited for that is done."""
        for _, database in _databases():
            if database.arn == arn:
                database.dataplane_held = {}
                database.dataplane_restarts = False
                if getattr(database, "dataplane_fails_over", False):
                    database.dataplane_fails_over = False
                    database.availability_zone, database.dataplane_other_zone = (
                        other_zone(database),
                        database.availability_zone,
                    )

    def begin_maintenance(self) -> None:
        """Make the modifications whose maintenance window it is."""
        rds_modifications.apply_in_windows(now())

    def forget(self, arn: str) -> None:
        """Remove an instance that is deleted."""
        for backend, database in _databases():
            if database.arn == arn:
                backend.databases.pop(database.db_instance_identifier, None)


@contextmanager
def unseen(account_id: str, region: str, identifier: str) -> Iterator[None]:
    """Keep the data plane from an instance until all of it is recorded: moto calls it available before."""
    key = (account_id, region, identifier.lower())
    _unseen.add(key)
    try:
        yield
    finally:
        _unseen.discard(key)


def find(account_id: str, region: str, identifier: str) -> Any:
    """Moto's own DB instance with PostgreSQL; None if there is none of that name."""
    found = rds_backends[account_id][region].databases.get(identifier.lower())
    return found if found is not None and found.engine == _ENGINE else None


def find_by_arn(arn: str) -> Any:
    """Moto's own DB instance with PostgreSQL; None if there is none of that ARN."""
    return next((database for _, database in _databases() if database.arn == arn), None)


def find_snapshot(account_id: str, region: str, identifier: str) -> Any:
    """Moto's own DB snapshot; None if there is none of that name or ARN."""
    name = identifier.split(":snapshot:")[-1]
    return rds_backends[account_id][region].database_snapshots.get(name)


def using(account_id: str, region: str, group: str) -> list[Any]:
    """DB instances that have a parameter group."""
    return [
        database
        for database in list(rds_backends[account_id][region].databases.values())
        if database.db_cluster_identifier is None
        and group in {found.name for found in database.db_parameter_groups()}
    ]


def keep(account_id: str, region: str, database: Any) -> None:
    """Put an instance back that moto has dropped at once, though its server still has to be stopped."""
    database.status = "deleting"
    rds_backends[account_id][region].databases[database.db_instance_identifier] = database


def begin_snapshot(snapshot: Any, database: Any) -> None:
    """Have the data plane fill a snapshot, which moto takes for complete."""
    snapshot.dataplane_data = secrets.token_hex(8)
    snapshot.dataplane_source = database.arn
    snapshot.dataplane_password = rds_secrets.password(database)
    set_snapshot_status(snapshot, "creating")


def begin_copy(database: Any, source: Any) -> str:
    """Have the data plane begin a new instance with the present data of another; what the data are called."""
    database.dataplane_source = source.arn
    database.dataplane_copied = "creating"
    return secrets.token_hex(8)


def set_snapshot_status(snapshot: Any, status: str) -> None:
    """Status of a snapshot, and how much of it is done."""
    snapshot.status = status
    snapshot.percent_progress = _COMPLETE if status == "available" else 0


def parameter_group(account_id: str, region: str, group: str) -> Any:
    """Moto's own DB parameter group; None if there is none of that name."""
    return rds_backends[account_id][region].db_parameter_groups.get(group.lower())


def group_values(group: Any) -> dict[str, str]:
    """What somebody set in a DB parameter group."""
    return {
        name: str(parameter["ParameterValue"])
        for name, parameter in dict(group.parameters).items()
        if parameter.get("ParameterValue") is not None
    }


def new_resource_id() -> str:
    """What AWS knows an instance by, whatever it is called; moto gives the same to each."""
    return "db-" + "".join(secrets.choice(_RESOURCE_ID_CHARACTERS) for _ in range(_RESOURCE_ID_LENGTH))


def other_zone(database: Any) -> str:
    """Where the standby of a Multi-AZ instance is: the next zone."""
    zone: str = database.availability_zone
    other: str | None = getattr(database, "dataplane_other_zone", None)
    return other or zone[:-1] + ("b" if zone[-1] != "b" else "a")


def _databases() -> list[tuple[Any, Any]]:
    return [
        (backend, database)
        for backend in every(rds_backends)
        for database in list(backend.databases.values())
        if database.engine == _ENGINE
        and database.db_cluster_identifier is None
        and (backend.account_id, backend.region_name, database.db_instance_identifier) not in _unseen
    ]


def _snapshots() -> list[Any]:
    return [
        snapshot
        for backend in every(rds_backends)
        for snapshot in list(backend.database_snapshots.values())
        if hasattr(snapshot, "dataplane_data")
    ]


def _instance(database: Any) -> DbInstance:
    groups = database.db_parameter_groups()
    parameters = {name: value for group in groups for name, value in group_values(group).items()}
    methods = {
        name: str(parameter.get("ApplyMethod"))
        for group in groups
        for name, parameter in dict(group.parameters).items()
    }
    return DbInstance(
        arn=database.arn,
        identifier=database.db_instance_identifier,
        status=database.status,
        host=database.address,
        port=int(database.port),
        engine_version=str(database.engine_version),
        master_username=database.master_username or "postgres",
        master_password=rds_secrets.password(database),
        database=database.db_name,
        allocated_storage=int(database.allocated_storage or 20),
        parameters=parameters,
        waiting=waiting(parameters, methods, getattr(database, "dataplane_held", {})),
        restored_from=getattr(database, "dataplane_restored_from", None),
        fails_over=getattr(database, "dataplane_fails_over", False),
        restarts=getattr(database, "dataplane_restarts", False),
    )
