"""ElastiCache operations on cache parameter groups, subnet groups and tags, which moto lacks."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto

from localstack_dataplane.elasticache.parameters import FAMILIES, ParameterError, ParameterGroup
from localstack_dataplane.moto_state import elasticache as state


def _create(context: Any, request: Mapping[str, Any]) -> Any:
    name, family = request["CacheParameterGroupName"].lower(), request["CacheParameterGroupFamily"]
    groups = state.parameter_groups(context.account_id, context.region)
    if name in groups:
        raise CommonServiceException(
            "CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists."
        )
    if family not in FAMILIES:
        raise CommonServiceException(
            "InvalidParameterValue",
            f"CacheParameterGroupFamily {family} is not a valid parameter group family. "
            f"Known here: {', '.join(FAMILIES)}.",
        )
    group = ParameterGroup(
        name=name,
        family=family,
        description=request["Description"],
        arn=state.parameter_group_arn(context.account_id, context.region, name),
    )
    groups[name] = group
    if request.get("Tags"):
        backend = state.backend_of(context.account_id, context.region)
        backend.tagging_service.tag_resource(group.arn, request["Tags"])
    return {"CacheParameterGroup": _described(group)}


def _describe(context: Any, request: Mapping[str, Any]) -> Any:
    name = request.get("CacheParameterGroupName")
    groups = state.parameter_groups(context.account_id, context.region)
    found = [existing(context, request)] if name else list(groups.values())
    return {"CacheParameterGroups": [_described(group) for group in found]}


def _modify(context: Any, request: Mapping[str, Any]) -> Any:
    group = _changeable(context, request)
    before = dict(group.values)
    try:
        for item in request["ParameterNameValues"]:
            group.set(item["ParameterName"], item.get("ParameterValue") or "")
    except ParameterError as error:
        group.values = before
        raise CommonServiceException("InvalidParameterValue", str(error)) from error
    return {"CacheParameterGroupName": group.name}


def _reset(context: Any, request: Mapping[str, Any]) -> Any:
    group = _changeable(context, request)
    if request.get("ResetAllParameters"):
        group.values = {}
    for item in request.get("ParameterNameValues") or []:
        group.values.pop(item["ParameterName"], None)
    return {"CacheParameterGroupName": group.name}


def _delete(context: Any, request: Mapping[str, Any]) -> Any:
    group = _changeable(context, request)
    if state.uses_parameter_group(context.account_id, context.region, group.name):
        raise CommonServiceException(
            "InvalidCacheParameterGroupState",
            f"One or more cache clusters are still members of this parameter group {group.name}, "
            "so the group cannot be deleted.",
        )
    del state.parameter_groups(context.account_id, context.region)[group.name]
    return {}


def _describe_parameters(context: Any, request: Mapping[str, Any]) -> Any:
    return {
        "Parameters": existing(context, request).described(request.get("Source")),
        "CacheNodeTypeSpecificParameters": [],
    }


def existing(context: Any, request: Mapping[str, Any]) -> ParameterGroup:
    """The group of a request, which exists."""
    name = request["CacheParameterGroupName"].lower()
    group = state.parameter_groups(context.account_id, context.region).get(name)
    if group is None:
        raise CommonServiceException(
            "CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.", status_code=404
        )
    return group


def _changeable(context: Any, request: Mapping[str, Any]) -> ParameterGroup:
    group = existing(context, request)
    if group.name.startswith("default."):
        raise CommonServiceException(
            "InvalidCacheParameterGroupState", f"The default parameter group {group.name} cannot be changed."
        )
    return group


def _described(group: ParameterGroup) -> dict[str, Any]:
    return {
        "CacheParameterGroupName": group.name,
        "CacheParameterGroupFamily": group.family,
        "Description": group.description,
        "IsGlobal": False,
        "ARN": group.arn,
    }


def _list_tags(context: Any, request: Mapping[str, Any]) -> Any:
    """Moto refuses parameter groups and does not know member clusters, which have the tags of their group."""
    arn = request["ResourceName"]
    member = state.members(context.account_id, context.region).get(arn.rsplit(":", 1)[-1])
    if ":cluster:" in arn and member:
        arn = member[0].arn
    elif ":parametergroup:" not in arn:
        return call_moto(context)
    tags = state.backend_of(context.account_id, context.region).tagging_service.list_tags_for_resource(arn)
    return {"TagList": tags["Tags"]}


def _subnet_group(context: Any, request: Mapping[str, Any]) -> tuple[Any, str]:
    name = request["CacheSubnetGroupName"]
    groups = state.backend_of(context.account_id, context.region).cache_subnet_groups
    if name not in groups:
        raise CommonServiceException(
            "CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.", status_code=400
        )
    return groups, name


def _delete_subnet_group(context: Any, request: Mapping[str, Any]) -> Any:
    groups, name = _subnet_group(context, request)
    members = state.backend_of(context.account_id, context.region).replication_groups.values()
    if any(member.cache_subnet_group_name == name for member in list(members)):
        raise CommonServiceException(
            "CacheSubnetGroupInUse", f"Cache subnet group {name} is currently in use by a cache cluster."
        )
    del groups[name]
    return {}


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "CreateCacheParameterGroup": _create,
    "DescribeCacheParameterGroups": _describe,
    "ModifyCacheParameterGroup": _modify,
    "ResetCacheParameterGroup": _reset,
    "DeleteCacheParameterGroup": _delete,
    "DescribeCacheParameters": _describe_parameters,
    "ListTagsForResource": _list_tags,
    "DeleteCacheSubnetGroup": _delete_subnet_group,
}
