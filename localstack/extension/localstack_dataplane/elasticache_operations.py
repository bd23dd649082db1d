"""ElastiCache operations that moto lacks, or that differ because real servers stand behind them."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.aws.forwarder import create_aws_request_context
from localstack.services.moto import call_moto, call_moto_with_request

from localstack_dataplane import elasticache_parameter_groups
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

_TWO_TOKENS = 2


def _create_replication_group(context: Any, request: Mapping[str, Any]) -> Any:
    """The group is `creating` until all its nodes answer; moto does not look at NumCacheClusters."""
    changed = dict(request)
    if request.get("NumCacheClusters") and not request.get("NumNodeGroups"):
        changed["ReplicasPerNodeGroup"] = request["NumCacheClusters"] - 1
    call_moto_with_request(context, changed)
    group = state.find(context.account_id, context.region, request["ReplicationGroupId"])
    state.complete(group, request)
    if group.cluster_mode != "disabled":
        state.set_status(group, "available")  # recorded only: no nodes stand behind cluster mode
    return {"ReplicationGroup": _described(context, group)}


def _modify_replication_group(context: Any, request: Mapping[str, Any]) -> Any:
    group = _group(context, request)
    for name, attribute in _MODIFIABLE.items():
        if request.get(name) is not None:
            setattr(group, attribute, request[name])
    for name, attribute in (
        ("AutomaticFailoverEnabled", "automatic_failover"),
        ("MultiAZEnabled", "multi_az"),
    ):
        if request.get(name) is not None:
            setattr(group, attribute, "enabled" if request[name] else "disabled")
    _change_token(group, request)
    state.set_status(group, "modifying")
    return {"ReplicationGroup": _described(context, group)}


def _change_token(group: Any, request: Mapping[str, Any]) -> None:
    """ROTATE keeps the old token valid beside the new one, SET leaves one, DELETE none.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
    """
    strategy, token = request.get("AuthTokenUpdateStrategy"), request.get("AuthToken")
    if strategy == "DELETE":
        group.dataplane_tokens = ()
    elif token and strategy == "SET":
        group.dataplane_tokens = (token,)
    elif token:
        group.dataplane_tokens = (*group.dataplane_tokens, token)[-_TWO_TOKENS:]
    group.auth_token_enabled = bool(group.dataplane_tokens)


def _resize(context: Any, request: Mapping[str, Any]) -> Any:
    group = _group(context, request)
    state.resize(group, int(request["NewReplicaCount"]) + 1)
    state.set_status(group, "modifying")
    return {"ReplicationGroup": _described(context, group)}


def _test_failover(context: Any, request: Mapping[str, Any]) -> Any:
    """The next node becomes the primary, and both endpoints follow."""
    group = _group(context, request)
    members = group.node_groups[0]["node_group_members"]
    replicas = [member["cache_cluster_id"] for member in members if member["current_role"] == "replica"]
    if group.automatic_failover != "enabled" or not replicas:
        raise CommonServiceException(
            "InvalidReplicationGroupState",
            f"Replication group {group.replication_group_id} has no automatic failover or no replica.",
        )
    state.promote(group, replicas[0])
    state.set_status(group, "modifying")
    return {"ReplicationGroup": _described(context, group)}


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


def _describe_cache_clusters(context: Any, request: Mapping[str, Any]) -> Any:
    """The members of replication groups are clusters too."""
    known = state.members(context.account_id, context.region)
    nodes = bool(request.get("ShowCacheNodeInfo"))
    asked = request.get("CacheClusterId")
    if asked in known:
        return {"CacheClusters": [_cluster(*known[asked], with_node=nodes)]}
    response = call_moto(context)
    if not asked and not request.get("ShowCacheClustersNotInReplicationGroups"):
        response["CacheClusters"] = [
            *(response.get("CacheClusters") or []),
            *(_cluster(group, member, with_node=nodes) for group, member in known.values()),
        ]
    return response


def _cluster(group: Any, member: Mapping[str, Any], *, with_node: bool) -> dict[str, Any]:
    endpoint = member.get("read_endpoint") or {}
    node = {
        "CacheNodeId": "0001",
        "CacheNodeStatus": group.status,
        "CacheNodeCreateTime": group.replication_group_create_time,
        "Endpoint": {"Address": endpoint.get("address"), "Port": endpoint.get("port")},
        "ParameterGroupStatus": "in-sync",
        "CustomerAvailabilityZone": member.get("preferred_availability_zone"),
    }
    topic = group.notification_topic_arn
    described = {
        "CacheClusterId": member["cache_cluster_id"],
        "ReplicationGroupId": group.replication_group_id,
        "ARN": group.arn.rsplit(":replicationgroup:", 1)[0] + f":cluster:{member['cache_cluster_id']}",
        "CacheClusterStatus": group.status,
        "CacheClusterCreateTime": group.replication_group_create_time,
        "CacheNodeType": group.cache_node_type,
        "NumCacheNodes": 1,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "PreferredAvailabilityZone": member.get("preferred_availability_zone"),
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "CacheSecurityGroups": [],
        "SecurityGroups": [
            {"SecurityGroupId": found, "Status": "active"} for found in group.security_group_ids or []
        ],
        "CacheNodes": [node] if with_node else None,
        "NotificationConfiguration": {"TopicArn": topic, "TopicStatus": "active"} if topic else None,
        "AutoMinorVersionUpgrade": group.auto_minor_version_upgrade,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": group.auth_token_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "TransitEncryptionMode": group.transit_encryption_mode,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "NetworkType": group.network_type,
        "IpDiscovery": group.ip_discovery,
    }
    return {key: value for key, value in described.items() if value is not None}


OVERRIDES: dict[str, Callable[[Any, Any], Any]] = {
    "CreateReplicationGroup": _create_replication_group,
    "ModifyReplicationGroup": _modify_replication_group,
    "IncreaseReplicaCount": _resize,
    "DecreaseReplicaCount": _resize,
    "TestFailover": _test_failover,
    "DescribeCacheClusters": _describe_cache_clusters,
    **elasticache_parameter_groups.OVERRIDES,
}
