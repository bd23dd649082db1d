"""Replication groups, their members and cache parameter groups in moto's state."""

from collections.abc import Collection, Mapping
from typing import Any

from moto.elasticache.models import elasticache_backends

from localstack_dataplane.elasticache.model import Node, ReplicationGroup
from localstack_dataplane.elasticache.parameters import FAMILIES, ParameterGroup
from localstack_dataplane.moto_state.backends import every

DEFAULT_ENGINE_VERSION = "7.1"
NEWEST_REDIS_6 = "6.2.6"
"""What AWS makes of "6.x", the form in which Redis 6 is asked for."""


class MotoElastiCache:
    """What moto recorded of replication groups."""

    def groups(self) -> list[ReplicationGroup]:
        """All without cluster mode, those being deleted too."""
        return [
            _replication_group(backend, group)
            for backend, group in _groups()
            # Without tokens it is not complete yet.
            if group.cluster_mode == "disabled" and hasattr(group, "dataplane_tokens")
        ]

    def set_status(self, arn: str, status: str) -> None:
        """Write the status of a group and of its nodes back; a group that was deleted meanwhile stays so."""
        for _, group in _groups():
            if group.arn == arn and group.status != "deleting":
                set_status(group, status)

    def promote(self, arn: str, node_id: str) -> None:
        """Another node is the primary now."""
        for _, group in _groups():
            if group.arn == arn:
                promote(group, node_id)

    def failed(self, arn: str) -> None:
        """The node that was to fail has."""
        for _, group in _groups():
            if group.arn == arn:
                group.dataplane_failing = None

    def forget(self, arn: str) -> None:
        """The group is gone: the API no longer knows it."""
        for backend, group in _groups():
            if group.arn == arn:
                backend.replication_groups.pop(group.replication_group_id, None)


def backend_of(account_id: str, region: str) -> Any:
    """Moto's backend."""
    return elasticache_backends[account_id][region]


def find(account_id: str, region: str, group_id: str) -> Any:
    """Moto's own replication group; None if there is none of that name."""
    return backend_of(account_id, region).replication_groups.get(group_id)


def set_status(group: Any, status: str) -> None:
    """Status of a group and of its node groups."""
    group.status = status
    if status == "available":
        group.dataplane_rebooting = None
    for node_group in group.node_groups:
        node_group["status"] = status


def promote(group: Any, node_id: str) -> None:
    """Make a node the primary of its group."""
    for member in group.node_groups[0]["node_group_members"]:
        member["current_role"] = "primary" if member["cache_cluster_id"] == node_id else "replica"


def fail_over(group: Any, primary: str, replica: str) -> None:
    """Have the primary fail and a replica take over."""
    promote(group, replica)
    group.dataplane_failing = primary
    set_status(group, "modifying")


def reboot(group: Any, member_id: str) -> None:
    """Have a node start again."""
    group.dataplane_failing = group.dataplane_rebooting = member_id
    set_status(group, "modifying")


def member_status(group: Any, member: Mapping[str, Any]) -> str:
    """Status of a member as a cache cluster."""
    reboots = getattr(group, "dataplane_rebooting", None) == member["cache_cluster_id"]
    return "rebooting cluster nodes" if reboots and group.status == "modifying" else str(group.status)


def complete(group: Any, request: Mapping[str, Any]) -> None:
    """Fill in what moto leaves out of a new group and AWS would have decided."""
    set_status(group, "creating")
    asked = group.engine_version or DEFAULT_ENGINE_VERSION
    group.engine_version = NEWEST_REDIS_6 if asked == "6.x" else asked
    group.auto_minor_version_upgrade = request.get("AutoMinorVersionUpgrade", True)
    group.preferred_maintenance_window = group.preferred_maintenance_window or "sun:05:00-sun:06:00"
    group.snapshot_window = request.get("SnapshotWindow") or "03:00-04:00"
    group.cache_parameter_group_name = group.cache_parameter_group_name or default_parameter_group(group)
    for node_group in group.node_groups:
        if "reader_endpoint_address" in node_group:  # none with cluster mode
            node_group["reader_endpoint"] = {
                "address": node_group["reader_endpoint_address"],
                "port": group.port,
            }
    if group.transit_encryption_enabled:
        group.transit_encryption_mode = group.transit_encryption_mode or "required"
    token = request.get("AuthToken")
    group.dataplane_tokens = (token,) if token else ()


def default_parameter_group(group: Any) -> str:
    """Name of the parameter group that a group without one gets."""
    major = str(group.engine_version).split(".")[0]
    if group.engine == "valkey":
        return f"default.valkey{major}"
    return "default.redis6.x" if major == "6" else f"default.redis{major}"


def resize(group: Any, count: int, unwanted: Collection[str] = ()) -> None:
    """Add replicas, or remove the last ones, until there are `count` nodes.

    Args:
        group: Moto's replication group.
        count: Nodes, with the primary.
        unwanted: Ids of the replicas to remove first.
    """
    node_group = group.node_groups[0]
    members = node_group["node_group_members"]
    domain = node_group["primary_endpoint_address"].partition(".")[2]
    removable = [member for member in members if member["current_role"] == "replica"]
    removable.sort(key=lambda member: member["cache_cluster_id"] in unwanted)
    while len(members) > count and removable:
        members.remove(removable.pop())
    number = 1
    while len(members) < count:
        name = f"{group.replication_group_id}-{number:0>3}"
        if name not in {member["cache_cluster_id"] for member in members}:
            members.append(
                {
                    "cache_cluster_id": name,
                    "cache_node_id": node_group["node_group_id"],
                    "read_endpoint": {"address": f"{name}.{domain}", "port": group.port},
                    "preferred_availability_zone": members[0]["preferred_availability_zone"],
                    "current_role": "replica",
                }
            )
        number += 1
    group.member_clusters[:] = [member["cache_cluster_id"] for member in members]


def members(account_id: str, region: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Member clusters by id, each with its group and moto's record of the member."""
    return {
        member["cache_cluster_id"]: (group, member)
        for group in list(backend_of(account_id, region).replication_groups.values())
        for node_group in group.node_groups
        for member in node_group["node_group_members"]
    }


def parameter_groups(account_id: str, region: str) -> dict[str, ParameterGroup]:
    """Cache parameter groups by name, the default ones too. Kept beside moto's state, to be reset with it."""
    backend = backend_of(account_id, region)
    if not hasattr(backend, "dataplane_parameter_groups"):
        backend.dataplane_parameter_groups = {
            f"default.{family}": ParameterGroup(
                name=f"default.{family}",
                family=family,
                description=f"Default parameter group for {family}",
                arn=parameter_group_arn(account_id, region, f"default.{family}"),
            )
            for family in FAMILIES
        }
    groups: dict[str, ParameterGroup] = backend.dataplane_parameter_groups
    return groups


def parameter_group_arn(account_id: str, region: str, name: str) -> str:
    """ARN of a cache parameter group."""
    return f"arn:aws:elasticache:{region}:{account_id}:parametergroup:{name}"


def uses_parameter_group(account_id: str, region: str, name: str) -> bool:
    """Whether a replication group uses a parameter group."""
    groups = backend_of(account_id, region).replication_groups.values()
    return any(group.cache_parameter_group_name == name for group in list(groups))


def _groups() -> list[tuple[Any, Any]]:
    return [
        (backend, group)
        for backend in every(elasticache_backends)
        for group in list(backend.replication_groups.values())
    ]


def _replication_group(backend: Any, group: Any) -> ReplicationGroup:
    node_group = group.node_groups[0]
    parameters = parameter_groups(backend.account_id, backend.region_name).get(
        group.cache_parameter_group_name
    )
    return ReplicationGroup(
        arn=group.arn,
        id=group.replication_group_id,
        status=group.status,
        port=int(group.port),
        primary_host=node_group["primary_endpoint_address"],
        reader_host=node_group["reader_endpoint_address"],
        nodes=tuple(
            Node(
                id=member["cache_cluster_id"],
                host=member["read_endpoint"]["address"],
                primary=member["current_role"] == "primary",
            )
            for member in node_group["node_group_members"]
        ),
        tls=bool(group.transit_encryption_enabled),
        tokens=tuple(getattr(group, "dataplane_tokens", ())),
        parameters=dict(parameters.values) if parameters else {},
        node_type=group.cache_node_type,
        fails_over=group.automatic_failover == "enabled",
        failing=getattr(group, "dataplane_failing", None),
    )
