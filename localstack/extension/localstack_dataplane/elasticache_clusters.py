"""ElastiCache operations on cache clusters, of which moto does not know those that are members of a group."""

from collections.abc import Callable, Mapping
from typing import Any

from localstack.aws.api import CommonServiceException
from localstack.services.moto import call_moto

from localstack_dataplane.moto_state import elasticache as state

_NODE_ID = "0001"
"""Of the one node of a Redis cache cluster."""


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


def _reboot(context: Any, request: Mapping[str, Any]) -> Any:
    """The node starts again without its data, with the parameters that need it; its role stays.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/nodes.rebooting.html
    """
    name = request["CacheClusterId"]
    found = state.members(context.account_id, context.region).get(name)
    if found is None:
        raise CommonServiceException(
            "CacheClusterNotFound", f"CacheCluster {name} not found.", status_code=404
        )
    group, member = found
    if group.status != "available":
        raise CommonServiceException("InvalidCacheClusterState", f"Cache cluster {name} is not available.")
    unknown = [node for node in request.get("CacheNodeIdsToReboot") or [] if node != _NODE_ID]
    if unknown:
        raise CommonServiceException("InvalidParameterValue", f"{name} has no cache nodes {unknown}.")
    state.reboot(group, name)
    return {"CacheCluster": _cluster(group, member, with_node=False)}


def _cluster(group: Any, member: Mapping[str, Any], *, with_node: bool) -> dict[str, Any]:
    endpoint = member.get("read_endpoint") or {}
    node = {
        "CacheNodeId": _NODE_ID,
        "CacheNodeStatus": state.member_status(group, member),
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
        "CacheClusterStatus": state.member_status(group, member),
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
    "DescribeCacheClusters": _describe_cache_clusters,
    "RebootCacheCluster": _reboot,
}
