"""RDS operations that differ from moto's, because a real server stands behind them."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto

from localstack_dataplane.moto_state import rds

_CREATING = ("CreateDBInstance", "RestoreDBInstanceFromDBSnapshot")


def _create(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `creating` until PostgreSQL accepts connections."""
    response = call_moto(context)
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    if database is not None:
        database.status = "creating"
        _with_real_secret(database)
        database.dbi_resource_id = rds.new_resource_id()
        response["DBInstance"] |= {
            "DBInstanceStatus": "creating",
            "DbiResourceId": database.dbi_resource_id,
        }
    return response


def _delete(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `deleting` until its container and volume are gone."""
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    response = call_moto(context)
    if database is not None:
        rds.keep(context.account_id, context.region, database)
    return response


def _modify(context: Any, request: Mapping[str, Any]) -> Any:
    response = call_moto(context)
    database = rds.find(context.account_id, context.region, request["DBInstanceIdentifier"])
    if database is not None:
        _with_real_secret(database)
    return response


def _reboot(context: Any, request: Mapping[str, Any]) -> Any:
    """The instance is `rebooting` until the server that takes over accepts connections."""
    return _moving_to("rebooting", context, request)


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


def _with_real_secret(database: Any) -> None:
    if database.manage_master_user_password and hasattr(database, "master_user_secret"):
        rds.settle_secret(database)


def _describe_parameters(context: Any, request: Mapping[str, Any]) -> Any:
    """Moto leaves out who set a parameter, without which Terraform does not recognise its own."""
    response = call_moto(context)
    wanted = request.get("Source") in {None, "user"}
    parameters = response.get("Parameters") or []
    response["Parameters"] = [
        {"IsModifiable": True, **parameter, "Source": "user"} for parameter in parameters if wanted
    ]
    return response


def _reset_parameters(context: Any, request: Mapping[str, Any]) -> Any:
    """Give parameters their default again; moto does not know how."""
    name = request["DBParameterGroupName"].lower()
    parameters = rds.parameters(context.account_id, context.region, name)
    if parameters is None:
        raise CommonServiceException(
            "DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", status_code=404
        )
    if request.get("ResetAllParameters"):
        parameters.clear()
    for parameter in request.get("Parameters") or []:
        parameters.pop(parameter["ParameterName"], None)
    return {"DBParameterGroupName": name}


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(_CREATING, _create),
    "DeleteDBInstance": _delete,
    "ModifyDBInstance": _modify,
    "RebootDBInstance": _reboot,
    "DescribeDBParameters": _describe_parameters,
    "ResetDBParameterGroup": _reset_parameters,
    "StartDBInstance": _start,
}
