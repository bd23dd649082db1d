"""Replication groups: members, endpoints, parameters, tokens, failover, replicas.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.html
"""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Cloud, unique, wait_for
from contract_elasticache import AWS_SECONDS, WATCH, Group, create, gone

FIRST, SECOND = "first-token-0123456789", "second-token-0123456789"


@pytest.fixture(scope="module")
def parameters(cloud: Cloud) -> Iterator[str]:
    """A cache parameter group."""
    elasticache, name = cloud.client("elasticache"), unique("contract")
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name, CacheParameterGroupFamily="redis7", Description="Contract"
    )
    yield name
    elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)


@pytest.fixture(scope="module")
def group(cloud: Cloud, parameters: str) -> Iterator[Group]:
    """A primary and a replica."""
    made = create(cloud, AuthToken=FIRST, CacheParameterGroupName=parameters)
    assert made.described()["Status"] == "creating"
    made.wait_for()
    yield made
    gone(made)


def refused(code: str) -> "pytest.RaisesExc[ClientError]":
    """Expects an error of the API."""
    return pytest.raises(ClientError, check=lambda error: error.response["Error"]["Code"] == code)


def test_the_members_are_cache_clusters(group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html
    members = group.described()["MemberClusters"]
    found = [
        group.elasticache.describe_cache_clusters(CacheClusterId=member, ShowCacheNodeInfo=True)[
            "CacheClusters"
        ][0]
        for member in members
    ]
    assert [(item["ReplicationGroupId"], item["CacheClusterStatus"]) for item in found] == [
        (group.id, "available")
    ] * 2
    assert sorted(group.roles().values()) == ["primary", "replica"]


def test_the_endpoints_lead_to_the_primary_and_to_the_replica(group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html
    lines = group.run(
        'print(connect().info("replication")["role"])\n'
        'print(connect(os.environ["READER"]).info("replication")["role"])'
    )
    assert lines == ["master", "slave"]


def test_a_replica_has_what_was_written_and_takes_no_writes(group: Group) -> None:
    lines = group.run(
        'mine = connect()\nmine.set("a", "b")\nprint(mine.wait(1, 5000))\n'
        'reader = connect(os.environ["READER"])\nprint(reader.get("a").decode())\n'
        'print(tried(lambda: reader.set("a", "c")))'
    )
    assert lines[:2] == ["1", "b"]
    assert lines[2].startswith("ReadOnlyError")


def test_commands_that_elasticache_keeps_to_itself_are_refused(group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/RestrictedCommands.html
    lines = group.run('print(tried(lambda: connect().execute_command("CONFIG", "GET", "maxmemory")))')
    assert "config" in lines[0].lower()
    assert "NoPermissionError" in lines[0] or "unknown command" in lines[0]


def test_a_changed_parameter_reaches_the_nodes(group: Group, parameters: str) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html
    def changes(**request: Any) -> None:
        getattr(group.elasticache, request.pop("call"))(CacheParameterGroupName=parameters, **request)

    def policy() -> str:
        return group.run('print(connect().info("memory")["maxmemory_policy"])')[0]

    name = "maxmemory-policy"
    assert policy() == "volatile-lru"
    changes(
        call="modify_cache_parameter_group",
        ParameterNameValues=[{"ParameterName": name, "ParameterValue": "noeviction"}],
    )
    wait_for("the policy is noeviction", policy, lambda seen: seen == "noeviction", timeout_seconds=300)
    changes(call="reset_cache_parameter_group", ParameterNameValues=[{"ParameterName": name}])
    wait_for("the policy is reset", policy, lambda seen: seen == "volatile-lru", timeout_seconds=300)


def test_a_rebooted_node_is_started_again_and_follows_its_primary(group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_RebootCacheCluster.html
    node = (
        'there = connect(os.environ["READER"]).info()\n'
        'print(there["run_id"])\nprint(there["master_link_status"])'
    )
    before = group.run(node)
    replica = next(member for member, role in group.roles().items() if role == "replica")
    answer = group.elasticache.reboot_cache_cluster(CacheClusterId=replica, CacheNodeIdsToReboot=["0001"])
    assert answer["CacheCluster"]["CacheClusterStatus"] == "rebooting cluster nodes"

    wait_for(
        f"{replica} is available",
        lambda: group.elasticache.describe_cache_clusters(CacheClusterId=replica)["CacheClusters"][0],
        lambda found: found["CacheClusterStatus"] == "available",
        timeout_seconds=AWS_SECONDS,
        interval_seconds=0.2,
    )
    after = group.run(node)
    assert after[0] != before[0]
    assert after[1] == "up"


def test_a_failover_promotes_the_replica_and_moves_the_endpoint(group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html#auto-failover-test
    before = group.roles()
    watch = group.start(WATCH)
    answer = group.elasticache.test_failover(ReplicationGroupId=group.id, NodeGroupId="0001")

    assert answer["ReplicationGroup"]["Status"] == "modifying"
    lines = group.finish(watch)
    assert [line.split(":")[0] for line in lines] == ["connected", "broken", "back"]
    assert lines[2] == "back: here master"
    group.wait_for()
    assert group.roles() == {
        member: "replica" if role == "primary" else "primary" for member, role in before.items()
    }


def test_both_tokens_are_valid_after_rotate_and_one_after_set(group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html#auth-modifyng-token
    both = (
        f"for token in ({FIRST!r}, {SECOND!r}):\n"
        "    print(tried(lambda: connect(password=token).ping()))\n"
        'print(tried(lambda: connect(os.environ["READER"], token).ping()))'
    )
    assert group.run(both)[0] == "True"
    assert group.run(both)[1].startswith("AuthenticationError")

    group.modify(AuthToken=SECOND, AuthTokenUpdateStrategy="ROTATE")
    assert group.run(both) == ["True", "True", "True"]

    group.modify(AuthToken=SECOND, AuthTokenUpdateStrategy="SET")
    group.token = SECOND
    lines = group.run(both)
    assert lines[0].startswith("AuthenticationError")
    assert lines[1:] == ["True", "True"]


def test_replicas_are_added_and_removed(group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/increase-decrease-replica-count.html
    connected = 'print(connect().info("replication")["connected_slaves"])'
    group.elasticache.increase_replica_count(
        ReplicationGroupId=group.id, NewReplicaCount=2, ApplyImmediately=True
    )
    group.wait_for()
    assert (len(group.roles()), group.run(connected)) == (3, ["2"])

    group.elasticache.decrease_replica_count(
        ReplicationGroupId=group.id, NewReplicaCount=1, ApplyImmediately=True
    )
    group.wait_for()
    assert (len(group.roles()), group.run(connected)) == (2, ["1"])


@pytest.mark.parametrize(
    ("operation", "request_", "code"),
    [
        (
            "increase_replica_count",
            {"NewReplicaCount": 9, "ApplyImmediately": True},
            "InvalidParameterValue",
        ),
        ("increase_replica_count", {"NewReplicaCount": 1, "ApplyImmediately": True}, "NoOperationFault"),
        ("test_failover", {"NodeGroupId": "0009"}, "NodeGroupNotFoundFault"),
        (
            "modify_replication_group",
            {"AuthToken": "short", "AuthTokenUpdateStrategy": "SET"},
            "InvalidParameterValue",
        ),
        (
            "modify_replication_group",
            {"CacheParameterGroupName": "no-such-group"},
            "CacheParameterGroupNotFound",
        ),
    ],
)
def test_bad_input_is_refused(group: Group, operation: str, request_: dict[str, Any], code: str) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_IncreaseReplicaCount.html
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_TestFailover.html
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyReplicationGroup.html
    with refused(code):
        getattr(group.elasticache, operation)(ReplicationGroupId=group.id, **request_)


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        ("describe_replication_groups", {}),
        ("modify_replication_group", {"ApplyImmediately": True}),
        ("delete_replication_group", {}),
        ("test_failover", {"NodeGroupId": "0001"}),
    ],
)
def test_a_group_that_is_not_there_is_not_found(
    cloud: Cloud, operation: str, options: dict[str, Any]
) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_DescribeReplicationGroups.html
    with refused("ReplicationGroupNotFoundFault"):
        getattr(cloud.client("elasticache"), operation)(ReplicationGroupId="no-such-group", **options)


def test_a_second_group_of_the_same_id_is_refused(cloud: Cloud, group: Group) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
    with refused("ReplicationGroupAlreadyExists"):
        group.elasticache.create_replication_group(
            ReplicationGroupId=group.id,
            ReplicationGroupDescription="Again",
            CacheNodeType="cache.t4g.micro",
        )


def test_a_token_needs_encryption_in_transit(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html
    with refused("InvalidParameterCombination"):
        create(cloud, AuthToken=FIRST, TransitEncryptionEnabled=False)


def test_a_group_is_deleting_and_then_gone(cloud: Cloud) -> None:
    single = create(cloud, NumCacheClusters=1, AutomaticFailoverEnabled=False)
    single.wait_for()
    answer = single.elasticache.delete_replication_group(ReplicationGroupId=single.id)
    assert answer["ReplicationGroup"]["Status"] == "deleting"
    single.elasticache.get_waiter("replication_group_deleted").wait(
        ReplicationGroupId=single.id, WaiterConfig={"Delay": 1, "MaxAttempts": AWS_SECONDS}
    )
