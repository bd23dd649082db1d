"""RDS operations on DB parameter groups, whose parameters a real server takes over."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto

from localstack_dataplane.moto_state import rds
from localstack_dataplane.rds.parameters import ParameterError, check


def hold(context: Any, database: Any, former: str | None) -> None:
    """What a group says that an instance gets instead of another waits for a reboot.

    Args:
        context: Of the request.
        database: The instance, which has the new group already.
        former: Name of the group it had.
    """
    values = [
        rds.group_values(group)
        for group in (
            rds.parameter_group(context.account_id, context.region, former or ""),
            *database.db_parameter_groups(),
        )
        if group is not None
    ]
    names = {name for group in values for name in group}
    database.dataplane_held = {name: values[-1].get(name) for name in names}


def _modify(context: Any, request: Mapping[str, Any]) -> Any:
    """What PostgreSQL would not take is refused; the rest is `applying` until the servers have it."""
    group = rds.parameter_group(context.account_id, context.region, request["DBParameterGroupName"])
    if group is not None and str(group.family).startswith("postgres"):
        for parameter in request.get("Parameters") or []:
            try:
                check(
                    parameter.get("ParameterName") or "",
                    parameter.get("ParameterValue"),
                    parameter.get("ApplyMethod") or "",
                )
            except ParameterError as error:
                raise CommonServiceException(error.code, str(error)) from error
    response = call_moto(context)
    _applying(context, request["DBParameterGroupName"])
    return response


def _applying(context: Any, group: str) -> None:
    for database in rds.using(context.account_id, context.region, group.lower()):
        database.dataplane_parameters = "applying"


def _delete(context: Any, request: Mapping[str, Any]) -> Any:
    name = request["DBParameterGroupName"].lower()
    if rds.using(context.account_id, context.region, name):
        raise CommonServiceException(
            "InvalidDBParameterGroupState",
            f"One or more database instances are still members of this parameter group {name}, "
            "so the group cannot be deleted",
        )
    return call_moto(context)


def _describe_parameters(context: Any, request: Mapping[str, Any]) -> Any:
    """Moto leaves out who set a parameter, without which Terraform does not recognise its own."""
    response = call_moto(context)
    wanted = request.get("Source") in {None, "user"}
    parameters = response.get("Parameters") or []
    response["Parameters"] = [
        {"IsModifiable": True, **parameter, "Source": "user"} for parameter in parameters if wanted
    ]
    return response


def _reset(context: Any, request: Mapping[str, Any]) -> Any:
    """Give parameters their default again; moto does not know how."""
    name = request["DBParameterGroupName"].lower()
    group = rds.parameter_group(context.account_id, context.region, name)
    if group is None:
        raise CommonServiceException(
            "DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", status_code=404
        )
    if request.get("ResetAllParameters"):
        group.parameters.clear()
    for parameter in request.get("Parameters") or []:
        group.parameters.pop(parameter["ParameterName"], None)
    _applying(context, name)
    return {"DBParameterGroupName": name}


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "ModifyDBParameterGroup": _modify,
    "DeleteDBParameterGroup": _delete,
    "DescribeDBParameters": _describe_parameters,
    "ResetDBParameterGroup": _reset,
}
