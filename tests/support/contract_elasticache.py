"""A replication group of the contract suite, and what is said to its nodes from inside the network."""

from dataclasses import dataclass, field
from typing import Any

from contract import Cloud, unique, wait_for
from contract_code import Reached

AWS_SECONDS = 2400
"""What AWS needs at most for a step of a group's life. The local cloud needs seconds."""

CONNECT = """
import os, time, redis

def connect(host=os.environ["PRIMARY"], password=os.environ["TOKEN"]):
    return redis.Redis(
        host=host, port=int(os.environ["PORT"]), password=password or None, ssl=True, ssl_cert_reqs=None,
        socket_timeout=5, socket_connect_timeout=5, single_connection_client=True,
    )

def tried(action):
    try:
        return action()
    except redis.RedisError as error:
        return f"{type(error).__name__}: {error}"
"""

WATCH = """
mine = connect()
mine.set("kept", "here")
mine.wait(1, 5000)
print("connected")
end = time.time() + 900
while time.time() < end:
    try:
        mine.connection.send_command("SET", "beat", time.time())
        mine.connection.read_response()
        time.sleep(0.05)
    except (redis.RedisError, OSError) as error:
        print("broken:", type(error).__name__, error)
        break
while time.time() < end:
    try:
        mine = connect()
        mine.set("beat", time.time())
        break
    except (redis.RedisError, OSError) as error:
        time.sleep(0.1)
print("back:", mine.get("kept").decode(), mine.info("replication")["role"])
"""
"""Says when writing on a connection has ended, and when the primary endpoint takes writes again."""


@dataclass
class Group(Reached):
    """A replication group without cluster mode; code in its tasks has `connect` and `tried`.

    Args:
        cloud: Where it is.
        id: Its id.
        token: AUTH token that is used to connect.
    """

    cloud: Cloud
    id: str
    token: str
    elasticache: Any = field(init=False)
    connect = CONNECT

    def __post_init__(self) -> None:
        self.elasticache = self.cloud.client("elasticache")

    def described(self) -> dict[str, Any]:
        """Returns the group as DescribeReplicationGroups gives it."""
        found: dict[str, Any] = self.elasticache.describe_replication_groups(ReplicationGroupId=self.id)[
            "ReplicationGroups"
        ][0]
        return found

    def roles(self) -> dict[str, str]:
        """Returns the role of each member by its cluster id."""
        members = self.described()["NodeGroups"][0]["NodeGroupMembers"]
        return {member["CacheClusterId"]: member["CurrentRole"] for member in members}

    def wait_for(self, status: str = "available") -> dict[str, Any]:
        """Waits until the group has a status."""
        return wait_for(
            f"{self.id} is {status}",
            self.described,
            lambda found: found["Status"] == status,
            timeout_seconds=AWS_SECONDS,
            interval_seconds=0.2,
        )

    def modify(self, **changes: Any) -> None:
        """Modifies the group and waits until that is done."""
        self.elasticache.modify_replication_group(
            ReplicationGroupId=self.id, ApplyImmediately=True, **changes
        )
        self.wait_for()

    def variables(self, password: str | None = None) -> dict[str, str]:
        """Returns what the code of a task needs to connect."""
        shard = self.described()["NodeGroups"][0]
        nodes = [member["ReadEndpoint"]["Address"] for member in shard["NodeGroupMembers"]]
        return {
            "PRIMARY": shard["PrimaryEndpoint"]["Address"],
            "READER": shard["ReaderEndpoint"]["Address"],
            "NODES": " ".join(nodes),
            "PORT": str(shard["PrimaryEndpoint"]["Port"]),
            "TOKEN": self.token if password is None else password,
        }


def create(cloud: Cloud, **options: Any) -> Group:
    """Makes a replication group with one replica, which is not available yet."""
    group = Group(cloud, unique("ct"), options.get("AuthToken", ""))
    group.elasticache.create_replication_group(
        **{
            "ReplicationGroupId": group.id,
            "ReplicationGroupDescription": "Contract",
            "Engine": "redis",
            "EngineVersion": "7.1",
            "CacheNodeType": "cache.t4g.micro",
            "NumCacheClusters": 2,
            "AutomaticFailoverEnabled": True,
            "TransitEncryptionEnabled": True,
            "SecurityGroupIds": [cloud.network["group"]],
            **options,
        }
    )
    return group


def gone(group: Group) -> None:
    """Deletes a group and waits until it is gone."""
    group.elasticache.delete_replication_group(ReplicationGroupId=group.id)
    group.elasticache.get_waiter("replication_group_deleted").wait(
        ReplicationGroupId=group.id, WaiterConfig={"Delay": 1, "MaxAttempts": AWS_SECONDS}
    )
