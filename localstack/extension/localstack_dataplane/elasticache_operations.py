"""ElastiCache operations on replication groups, behind which real servers stand."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.aws.forwarder import create_aws_request_context
from localstack.services.moto import call_moto, call_moto_with_request

from localstack_dataplane import elasticache_clusters, elasticache_parameter_groups
from localstack_dataplane.clock import now
from localstack_dataplane.moto_state import elasticache as state

_MODIFIABLE = {
    "ReplicationGroupDescription": "description",
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "Engine": "engine",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "NotificationTopicArn": "notification_topic_arn",
    "SecurityGroupIds": "security_group_ids",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
    "IpDiscovery": "ip_discovery",
}
"""Attribute of a request -> attribute of moto's replication group."""

_SWITCHES = {"AutomaticFailoverEnabled": "automatic_failover", "MultiAZEnabled": "multi_az"}

_TWO_TOKENS = 2
_MOST_REPLICAS = 5
_TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html"""


def _create_replication_group(context: Any, request: Mapping[str, Any]) -> Any:
    """The group is `creating` until all its nodes answer; moto does not look at NumCacheClusters."""
    changed = dict(request)
    nodes = request.get("NumCacheClusters")
    if nodes and not request.get("NumNodeGroups"):
        changed["ReplicasPerNodeGroup"] = nodes - 1
    _check_token(request, encrypted=bool(request.get("TransitEncryptionEnabled")))
    _check_parameter_group(context, request)
    if nodes and not 1 <= nodes <= _MOST_REPLICAS + 1:
        raise _value(f"The number of cache clusters must be between 1 and {_MOST_REPLICAS + 1}, not {nodes}.")
    if nodes == 1 and (request.get("AutomaticFailoverEnabled") or request.get("MultiAZEnabled")):
        raise _combination("Automatic failover and Multi-AZ need at least two cache clusters.")
    call_moto_with_request(context, changed)
    group = state.find(context.account_id, context.region, request["ReplicationGroupId"])
    state.complete(group, request)
    if group.cluster_mode != "disabled":
        state.set_status(group, "available")  # recorded only: no nodes stand behind cluster mode
    return {"ReplicationGroup": _described(context, group)}


def _modify_replication_group(context: Any, request: Mapping[str, Any]) -> Any:
    """The group is `modifying` until all its nodes have taken over the change."""
    group = _group(context, request)
    _check_parameter_group(context, request)
    _check_token(request, encrypted=group.transit_encryption_enabled)
    if request.get("AutomaticFailoverEnabled") and len(group.member_clusters) == 1:
        raise _combination("Automatic failover needs at least one replica.")
    for name, attribute in _MODIFIABLE.items():
        if request.get(name) is not None:
            setattr(group, attribute, request[name])
    for name, attribute in _SWITCHES.items():
        if request.get(name) is not None:
            setattr(group, attribute, "enabled" if request[name] else "disabled")
    _change_token(group, request)
    state.set_status(group, "modifying")
    return {"ReplicationGroup": _described(context, group)}


def _check_token(request: Mapping[str, Any], *, encrypted: bool) -> None:
    strategy, token = request.get("AuthTokenUpdateStrategy"), request.get("AuthToken")
    if token is None:
        if strategy in {"SET", "ROTATE"}:
            raise _combination(f"AuthToken is required with AuthTokenUpdateStrategy {strategy}.")
        return
    if not encrypted:
        raise _combination("AuthToken is only supported with encryption in transit.")
    if strategy not in {None, "SET", "ROTATE"}:
        raise _combination(f"AuthToken cannot be given with AuthTokenUpdateStrategy {strategy}.")
    if not _TOKEN.fullmatch(token):
        raise _value(
            "Invalid AuthToken provided: it must have 16 to 128 letters, digits and characters of !&#$^<>-."
        )


def _check_parameter_group(context: Any, request: Mapping[str, Any]) -> None:
    if request.get("CacheParameterGroupName"):
        elasticache_parameter_groups.existing(context, request)


def _change_token(group: Any, request: Mapping[str, Any]) -> None:
    """ROTATE keeps the old token valid beside the new one, SET leaves one, DELETE none.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
    """
    strategy, token = request.get("AuthTokenUpdateStrategy"), request.get("AuthToken")
    if not token and strategy != "DELETE":
        return
    if strategy == "DELETE":
        group.dataplane_tokens = ()
    elif strategy == "SET":
        group.dataplane_tokens = (token,)
    else:
        others = [known for known in group.dataplane_tokens if known != token]
        group.dataplane_tokens = (*others, token)[-_TWO_TOKENS:]
    group.auth_token_enabled = bool(group.dataplane_tokens)
    group.auth_token_last_modified_date = now()


def _increase(context: Any, request: Mapping[str, Any]) -> Any:
    return _resize(context, request, request.get("ReplicaConfiguration"), more=True)


def _decrease(context: Any, request: Mapping[str, Any]) -> Any:
    return _resize(context, request, request.get("ReplicaConfiguration"), more=False)


def _resize(context: Any, request: Mapping[str, Any], configuration: Any, *, more: bool) -> Any:
    """The group is `modifying` until all replicas that are wanted now follow the primary."""
    group = _group(context, request)
    if not request.get("ApplyImmediately"):
        raise _value("ApplyImmediately must be true: the number of replicas changes at once only.")
    present = len(group.member_clusters) - 1
    unwanted = request.get("ReplicasToRemove") or []
    wanted = request.get("NewReplicaCount")
    if wanted is None and configuration:
        wanted = configuration[0].get("NewReplicaCount")
    if wanted is None and unwanted:
        wanted = present - len(unwanted)
    if wanted is None:
        raise _combination("NewReplicaCount, ReplicaConfiguration or ReplicasToRemove is required.")
    least = 1 if "enabled" in {group.automatic_failover, group.multi_az} else 0
    if wanted == present:
        raise CommonServiceException("NoOperationFault", f"There are {present} replicas already.")
    if (wanted > present) is not more or not least <= wanted <= _MOST_REPLICAS:
        raise _value(
            f"NewReplicaCount {wanted} is not valid: there are {present} replicas, and may be "
            f"{least} to {_MOST_REPLICAS}."
        )
    state.resize(group, wanted + 1, unwanted)
    state.set_status(group, "modifying")
    return {"ReplicationGroup": _described(context, group)}


def _test_failover(context: Any, request: Mapping[str, Any]) -> Any:
    """The primary fails and comes back as a replica; a replica takes over, and both endpoints follow."""
    group = _group(context, request)
    shard = request.get("NodeGroupId")
    if shard not in {found["node_group_id"] for found in group.node_groups}:
        raise CommonServiceException(
            "NodeGroupNotFoundFault", f"NodeGroup {shard} not found.", status_code=404
        )
    members = group.node_groups[0]["node_group_members"]
    by_role = {member["current_role"]: member["cache_cluster_id"] for member in reversed(members)}
    if group.automatic_failover != "enabled" or "replica" not in by_role:
        raise CommonServiceException(
            "InvalidReplicationGroupState",
            f"Replication group {group.replication_group_id} has no automatic failover or no replica.",
        )
    state.fail_over(group, by_role["primary"], by_role["replica"])
    return {"ReplicationGroup": _described(context, group)}


def _delete_replication_group(context: Any, request: Mapping[str, Any]) -> Any:
    """The group is `deleting` until its nodes are gone."""
    group = _group(context, request)
    response = call_moto(context)
    state.set_status(group, "deleting")
    return response


def _value(message: str) -> CommonServiceException:
    return CommonServiceException("InvalidParameterValue", message)


def _combination(message: str) -> CommonServiceException:
    return CommonServiceException("InvalidParameterCombination", message)


def _group(context: Any, request: Mapping[str, Any]) -> Any:
    group = state.find(context.account_id, context.region, request["ReplicationGroupId"])
    if group is None:
        raise CommonServiceException(
            "ReplicationGroupNotFoundFault",
            f"ReplicationGroup {request['ReplicationGroupId']} not found.",
            status_code=404,
        )
    if group.status != "available":
        raise CommonServiceException(
            "InvalidReplicationGroupState", f"Replication group is {group.status}, not available."
        )
    return group


def _described(context: Any, group: Any) -> Any:
    """A group as moto describes it."""
    asked = create_aws_request_context(
        service_name="elasticache",
        action="DescribeReplicationGroups",
        parameters={"ReplicationGroupId": group.replication_group_id},
        region=context.region,
        protocol=context.protocol,
    )
    headers = dict(context.request.headers)
    headers.update(asked.request.headers)
    asked.request.headers = type(asked.request.headers)(headers)
    return call_moto(asked)["ReplicationGroups"][0]


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "CreateReplicationGroup": _create_replication_group,
    "ModifyReplicationGroup": _modify_replication_group,
    "DeleteReplicationGroup": _delete_replication_group,
    "IncreaseReplicaCount": _increase,
    "DecreaseReplicaCount": _decrease,
    "TestFailover": _test_failover,
    **elasticache_clusters.OVERRIDES,
    **elasticache_parameter_groups.OVERRIDES,
}
