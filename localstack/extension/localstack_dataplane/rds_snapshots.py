"""RDS operations on DB snapshots, whose data the data plane keeps."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto

from localstack_dataplane.moto_state import rds


def invalid_state(message: str) -> CommonServiceException:
    """The error of RDS for an instance that is not in the state for what is asked."""
    return CommonServiceException("InvalidDBInstanceState", message)


def available(database: Any) -> None:
    """Refuse an instance that is not available."""
    if database.status != "available":
        raise invalid_state("Database instance is not in available state.")


def _create(context: Any, request: Mapping[str, Any]) -> Any:
    """The snapshot is `creating`, and the instance `backing-up`, until all data are copied."""
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    if database is not None and database.status != "available":
        raise invalid_state(
            "Cannot create a snapshot because the database instance "
            f"{database.db_instance_identifier} is not currently in the available state."
        )
    response = call_moto(context)
    snapshot = rds.find_snapshot(context.account_id, context.region, request["DBSnapshotIdentifier"])
    if database is not None and snapshot is not None:
        rds.begin_snapshot(snapshot, database)
        database.status = "backing-up"
        response["DBSnapshot"] |= {"Status": "creating", "PercentProgress": 0}
    return response


def _copy(context: Any, request: Mapping[str, Any]) -> Any:
    """Snapshots do not change, so a copy has the data of the original."""
    source = rds.find_snapshot(context.account_id, context.region, request["SourceDBSnapshotIdentifier"])
    if source is not None and source.status != "available":
        raise _invalid_snapshot_state(source)
    response = call_moto(context)
    made = rds.find_snapshot(context.account_id, context.region, request["TargetDBSnapshotIdentifier"])
    if hasattr(source, "dataplane_data"):
        made.dataplane_data, made.dataplane_source = source.dataplane_data, source.dataplane_source
        made.dataplane_password = source.dataplane_password
    return response


def _delete(context: Any, request: Mapping[str, Any]) -> Any:
    """A snapshot that is being made cannot be deleted, nor one that RDS made."""
    snapshot = rds.find_snapshot(context.account_id, context.region, request["DBSnapshotIdentifier"])
    if snapshot is not None and snapshot.snapshot_type == "automated":
        raise CommonServiceException("InvalidDBSnapshotState", "Only manual snapshots may be deleted.")
    if snapshot is not None and snapshot.status == "creating":
        raise _invalid_snapshot_state(snapshot)
    response = call_moto(context)
    response["DBSnapshot"]["Status"] = "deleted"
    return response


def _invalid_snapshot_state(snapshot: Any) -> CommonServiceException:
    return CommonServiceException(
        "InvalidDBSnapshotState",
        f"Snapshot {snapshot.db_snapshot_identifier} is in state {snapshot.status}, not available.",
    )


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "CreateDBSnapshot": _create,
    "CopyDBSnapshot": _copy,
    "DeleteDBSnapshot": _delete,
}
