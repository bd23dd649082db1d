"""RDS operations on DB instances that differ from moto's, because a real server stands behind them."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto, call_moto_with_request

from localstack_dataplane import rds_parameter_groups, rds_snapshots
from localstack_dataplane.moto_state import rds, rds_backups, rds_modifications, rds_secrets
from localstack_dataplane.rds.pending import DEFERRED, deferred, shown
from localstack_dataplane.rds_snapshots import available, invalid_state

_RESETTING = "resetting-master-credentials"
_SECRET_STATUS = {"creating": "creating", _RESETTING: "rotating"}
_NO_CHANGE = {"DBInstanceIdentifier", "ApplyImmediately", "AllowMajorVersionUpgrade"}
_OF_THE_PASSWORD = ("MasterUserPassword", "ManageMasterUserPassword", "RotateMasterUserPassword")


def _create(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `creating` until PostgreSQL accepts connections."""
    identifier = request["DBInstanceIdentifier"]
    with rds.unseen(context.account_id, context.region, identifier):
        return _created(context, call_moto(context), identifier)


def _restore(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `creating` until a server with the data of the snapshot accepts connections."""
    name = request.get("DBSnapshotIdentifier") or ""
    snapshot = rds.find_snapshot(context.account_id, context.region, name)
    if snapshot is not None and snapshot.status != "available":
        raise CommonServiceException(
            "InvalidDBSnapshotState", f"DB snapshot {name} is {snapshot.status}, not available."
        )
    identifier = request["DBInstanceIdentifier"]
    with rds.unseen(context.account_id, context.region, identifier):
        response = call_moto(context)
        database = rds.find(context.account_id, context.region, identifier)
        if database is not None and not request.get("MultiAZ"):
            database.multi_az = response["DBInstance"]["MultiAZ"] = False
        password = getattr(snapshot, "dataplane_password", None)
        if database is not None and password and not request.get("ManageMasterUserPassword"):
            rds_secrets.unmanage(database, password)
            response["DBInstance"].pop("MasterUserSecret", None)
        data = getattr(snapshot, "dataplane_data", None)
        return _created(context, response, identifier, restored_from=data)


def _restore_to_point_in_time(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance begins with the data of its source as they are now: no time before that can be had."""
    identifier = request["TargetDBInstanceIdentifier"]
    name = request.get("SourceDBInstanceIdentifier") or ""
    source = rds.find(context.account_id, context.region, name)
    if source is not None:
        available(source)
    with rds.unseen(context.account_id, context.region, identifier):
        response = call_moto(context)
        database = rds.find(context.account_id, context.region, identifier)
        data = None
        if database is not None and source is not None:
            if not request.get("ManageMasterUserPassword"):
                rds_secrets.unmanage(database, rds_secrets.password(source))
                response["DBInstance"].pop("MasterUserSecret", None)
            data = rds.begin_copy(database, source)
        return _created(context, response, identifier, restored_from=data)


def _created(context: Any, response: Any, identifier: str, restored_from: str | None = None) -> Any:
    database = rds.find(context.account_id, context.region, identifier)
    if database is not None:
        # Before the status, for the data plane takes up what is being created.
        database.dataplane_restored_from = restored_from
        database.status = "creating"
        if rds_secrets.is_managed(database):
            rds_secrets.settle(database)
        database.dbi_resource_id = rds.new_resource_id()
        rds_backups.begin(database)
        response["DBInstance"] |= {"DbiResourceId": database.dbi_resource_id}
        _tell_truth(database, response["DBInstance"])
    return response


def _delete(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `deleting` until its final snapshot is made and its container and volume are gone."""
    final, skip = request.get("FinalDBSnapshotIdentifier"), bool(request.get("SkipFinalSnapshot"))
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    if database is None:
        return call_moto(context)
    if database.status == "deleting":
        raise invalid_state(f"Instance {database.db_instance_identifier} is already being deleted.")
    if final and skip:
        raise CommonServiceException(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is true.",
        )
    if not final and not skip and not database.is_replica:
        raise CommonServiceException(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )
    if final:
        available(database)
    response = call_moto(context)
    if final:
        rds.begin_snapshot(rds.find_snapshot(context.account_id, context.region, final.lower()), database)
    rds.keep(context.account_id, context.region, database)
    return response


def _modify(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `modifying`, or its password is reset, until its server has taken over the change."""
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    if database is None:
        return call_moto(context)
    available(database)
    if request.get("NewDBInstanceIdentifier"):
        raise CommonServiceException(
            "NotImplemented", "DB instances cannot be renamed in the local cloud.", status_code=501
        )
    managed = rds_secrets.is_managed(database)
    changed = dict(request)
    rotates = bool(changed.pop("RotateMasterUserPassword", False))
    _check_rotation(request, rotates=rotates, managed=managed)
    if managed and request.get("ManageMasterUserPassword"):
        changed.pop("ManageMasterUserPassword")  # moto would make another secret
    waiting = rds_modifications.waiting(database)
    if request.get("ApplyImmediately"):
        changed, left = {**waiting, **changed}, {}
    else:
        left = deferred(changed, waiting, database)
        changed = {member: value for member, value in changed.items() if member not in DEFERRED}
    before = (database.db_parameter_group_name, rds_modifications.restarting(database))
    retention = database.backup_retention_period
    response = call_moto_with_request(context, changed)
    rds_modifications.keep(database, left)
    if rotates:
        rds_secrets.rotate(database)
    if rds_secrets.is_managed(database):
        rds_secrets.settle(database)
    if database.db_parameter_group_name != before[0]:
        rds_parameter_groups.hold(context, database, before[0])
    rds_modifications.restart_if_changed(database, before[1])
    rds_backups.change(database, retention)
    if any(request.get(name) for name in _OF_THE_PASSWORD):
        database.status = _RESETTING
    elif changed.keys() - _NO_CHANGE:
        database.status = "modifying"
    _tell_truth(database, response["DBInstance"])
    return response


def _check_rotation(request: Mapping[str, Any], *, rotates: bool, managed: bool) -> None:
    if rotates and not (managed or request.get("ManageMasterUserPassword")):
        raise CommonServiceException(
            "InvalidParameterCombination",
            "You can't rotate the master user password of an instance that does not manage it in "
            "Secrets Manager.",
        )
    if rotates and not request.get("ApplyImmediately"):
        raise CommonServiceException(
            "InvalidParameterCombination",
            "You must specify apply immediately when rotating the master user password.",
        )
    if managed and request.get("MasterUserPassword") and request.get("ManageMasterUserPassword") is not False:
        raise CommonServiceException(
            "InvalidParameterCombination",
            "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.",
        )


def _reboot(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `rebooting` until the server that takes over accepts connections."""
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    if database is None:
        return call_moto(context)
    available(database)
    if request.get("ForceFailover"):
        if not database.multi_az:
            raise CommonServiceException(
                "InvalidParameterCombination",
                "ForceFailover cannot be specified since the instance is not configured for MultiAZ.",
            )
        database.dataplane_fails_over = True
    return _moving_to("rebooting", context, request)


def _stop(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `stopping` until its server has stopped, after a snapshot if one is asked for."""
    response = _moving_to("stopping", context, request)
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    name = request.get("DBSnapshotIdentifier")
    if database is not None and name:
        rds.begin_snapshot(rds.find_snapshot(context.account_id, context.region, name.lower()), database)
    return response


def _start(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `starting` until PostgreSQL accepts connections."""
    return _moving_to("starting", context, request)


def _moving_to(status: str, context: Any, request: Mapping[str, Any]) -> Any:
    response = call_moto(context)
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    if database is not None:
        database.status = status
        response["DBInstance"]["DBInstanceStatus"] = status
    return response


def _describe(context: Any, request: Mapping[str, Any]) -> Any:  # noqa: ARG001 - the signature of a handler
    """What moto answers, with what the data plane knows better."""
    response = call_moto(context)
    for described in response.get("DBInstances") or []:
        database = rds.find(context.account_id, context.region, described["DBInstanceIdentifier"])
        if database is not None:
            _tell_truth(database, described)
    return response


def _tell_truth(database: Any, described: dict[str, Any]) -> None:
    described["DBInstanceStatus"] = database.status
    described["PendingModifiedValues"] = shown(rds_modifications.waiting(database))
    if database.status == "creating":
        described.pop("Endpoint", None)
    if described.get("MasterUserSecret"):
        described["MasterUserSecret"]["SecretStatus"] = _SECRET_STATUS.get(database.status, "active")
    if database.multi_az:
        described["SecondaryAvailabilityZone"] = rds.other_zone(database)
    for group in described.get("DBParameterGroups") or []:
        group["ParameterApplyStatus"] = getattr(database, "dataplane_parameters", "in-sync")


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "CreateDBInstance": _create,
    "RestoreDBInstanceFromDBSnapshot": _restore,
    "RestoreDBInstanceToPointInTime": _restore_to_point_in_time,
    "DeleteDBInstance": _delete,
    "ModifyDBInstance": _modify,
    "RebootDBInstance": _reboot,
    "DescribeDBInstances": _describe,
    "StartDBInstance": _start,
    "StopDBInstance": _stop,
    **rds_parameter_groups.OVERRIDES,
    **rds_snapshots.OVERRIDES,
}
