"""Replication groups as the API recorded them, and what Redis is told of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from localstack_dataplane.elasticache.parameters import PARAMETERS, directives

ETC = "/etc/backing"
RUN = "/run/backing"
ADMINISTRATOR = "dataplane"

# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RestrictedCommands.html
_REFUSED = (
    "acl|deluser acl|load acl|log acl|save acl|setuser bgrewriteaof bgsave config debug failover migrate "
    "module psync replicaof save shutdown slaveof sync"
)

_MEMORY_BYTES = {
    "cache.t3.micro": 536870912,
    "cache.t3.small": 1471026299,
    "cache.t3.medium": 3317862236,
    "cache.t4g.micro": 536870912,
    "cache.t4g.small": 1471026299,
    "cache.t4g.medium": 3317862236,
    "cache.m6g.large": 6854542746,
    "cache.m7g.large": 6854542746,
    "cache.r6g.large": 14037181030,
    "cache.r7g.large": 14037181030,
}
"""`maxmemory` by node type; others get the smallest.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html"""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A member cluster, which is one Redis."""

    id: str
    host: str
    primary: bool


@dataclass(frozen=True, kw_only=True)
class ReplicationGroup:
    """A replication group without cluster mode.

    Attributes:
        status: As in DescribeReplicationGroups.
        tokens: AUTH tokens that are valid now; none: no password is needed.
        parameters: Of its cache parameter group, only those somebody set.
        fails_over: Whether a replica takes over when the primary is gone.
        failing: The node that TestFailover makes fail.
    """

    arn: str
    id: str
    status: str
    port: int
    primary_host: str
    reader_host: str
    nodes: tuple[Node, ...]
    tls: bool
    tokens: tuple[str, ...] = field(default=(), repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict)
    node_type: str = "cache.t4g.micro"
    fails_over: bool = False
    failing: str | None = None

    @property
    def primary(self) -> Node:
        """The node that takes writes."""
        return next((node for node in self.nodes if node.primary), self.nodes[0])


def users(group: ReplicationGroup, administrator: str) -> str:
    """Redis's access list: clients, without the commands ElastiCache refuses, and our own administrator."""
    passwords = " ".join(f"#{_hash(token)}" for token in group.tokens) or "nopass"
    refused = " ".join(f"-{command}" for command in _REFUSED.split())
    return (
        f"user default on {passwords} ~* &* +@all {refused}\n"
        f"user {ADMINISTRATOR} on #{_hash(administrator)} ~* &* +@all\n"
    )


def settings(group: ReplicationGroup) -> dict[str, str]:
    """Settings of the parameter group and of the node type."""
    memory = _MEMORY_BYTES.get(group.node_type, min(_MEMORY_BYTES.values()))
    reserved = int(group.parameters.get("reserved-memory-percent", "25"))
    return {"maxmemory": str(memory * (100 - reserved) // 100), **directives(group.parameters)}


def commands(group: ReplicationGroup, node: Node) -> list[str]:
    """What makes a running node take over its users, those settings that need no restart, and its role."""
    changing = {
        name: value
        for name, value in settings(group).items()
        if name not in PARAMETERS or not PARAMETERS[name].reboot
    }
    return [
        "ACL LOAD",
        *(f'CONFIG SET {name} "{value}"' for name, value in changing.items()),
        role(group, node),
    ]


def role(group: ReplicationGroup, node: Node) -> str:
    """The command that gives a node its role."""
    return "REPLICAOF NO ONE" if node.primary else f"REPLICAOF {group.primary_host} {group.port}"


def node_files(group: ReplicationGroup, node: Node, administrator: str) -> dict[str, tuple[bytes, int]]:
    """Configuration files of a node, without certificates: path -> content and mode."""
    return {
        f"{ETC}/redis.conf": (_configuration(group, node, administrator).encode(), 0o600),
        f"{ETC}/users.acl": (users(group, administrator).encode(), 0o600),
        f"{ETC}/administrator": (administrator.encode(), 0o600),
    }


def _configuration(group: ReplicationGroup, node: Node, administrator: str) -> str:
    lines = [
        "bind *",
        "protected-mode no",
        "daemonize no",
        f"dir /var/lib/redis\nunixsocket {RUN}/redis.sock\nunixsocketperm 700",
        # As on ElastiCache, a node keeps nothing on disk.
        'save ""',
        "appendonly no",
        # Redis waits for more replicas before it copies its data to one; here each would only wait longer.
        "repl-diskless-sync-delay 0",
        f"aclfile {RUN}/users.acl",
        f"masteruser {ADMINISTRATOR}",
        f"masterauth {administrator}",
    ]
    if group.tls:
        lines += [
            f"port 0\ntls-port {group.port}",
            f"tls-cert-file {RUN}/tls.crt\ntls-key-file {RUN}/tls.key\ntls-ca-cert-file {RUN}/ca.pem",
            "tls-auth-clients no",
            "tls-replication yes",
        ]
    else:
        lines.append(f"port {group.port}")
    lines += [f'{name} "{value}"' for name, value in settings(group).items()]
    if not node.primary:
        lines.append(role(group, node).lower())
    return "\n".join(lines) + "\n"


def reader_addresses(group: ReplicationGroup, addresses: Mapping[str, str]) -> list[str]:
    """Where the reader endpoint leads: to the replicas that run; without one, to the primary.

    Args:
        group: The replication group.
        addresses: Node id -> address of those that are ready.
    """
    replicas = [addresses[node.id] for node in group.nodes if not node.primary and node.id in addresses]
    primary = addresses.get(group.primary.id)
    return replicas or ([primary] if primary else [])


def successor(group: ReplicationGroup, ready: set[str]) -> str | None:
    """The replica that takes over: the first ready one; None if nobody may or can."""
    if not group.fails_over:
        return None
    return next((node.id for node in group.nodes if not node.primary and node.id in ready), None)


def promoted(group: ReplicationGroup, node_id: str) -> ReplicationGroup:
    """The group with another primary."""
    return replace(group, nodes=tuple(replace(node, primary=node.id == node_id) for node in group.nodes))


def _hash(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()
