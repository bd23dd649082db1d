import hashlib
from dataclasses import replace

import pytest

from localstack_dataplane.elasticache.model import (
    Node,
    ReplicationGroup,
    commands,
    node_files,
    reader_addresses,
    role,
    successor,
    users,
)

PRIMARY = Node(id="broker-001", host="broker-001.example", primary=True)
REPLICA = Node(id="broker-002", host="broker-002.example", primary=False)
GROUP = ReplicationGroup(
    arn="arn:aws:elasticache:us-east-1:1:replicationgroup:broker",
    id="broker",
    status="creating",
    port=6379,
    primary_host="master.broker.example",
    reader_host="replica.broker.example",
    nodes=(PRIMARY, REPLICA),
    tls=True,
    tokens=("0123456789abcdef",),
)


def configuration(group: ReplicationGroup, node: Node = PRIMARY) -> list[str]:
    return node_files(group, node, "admin-password")["/etc/backing/redis.conf"][0].decode().splitlines()


def test_with_encryption_in_transit_there_is_no_plain_port() -> None:
    assert {"port 0", "tls-port 6379"} <= set(configuration(GROUP))


def test_without_encryption_in_transit_there_is_only_a_plain_port() -> None:
    lines = configuration(replace(GROUP, tls=False))
    assert "port 6379" in lines
    assert not [line for line in lines if line.startswith("tls")]


def test_a_replica_follows_the_primary_endpoint() -> None:
    assert "replicaof master.broker.example 6379" in configuration(GROUP, REPLICA)


def test_a_primary_follows_nobody() -> None:
    assert role(GROUP, PRIMARY) == "REPLICAOF NO ONE"


def test_the_auth_token_is_kept_only_as_its_hash() -> None:
    digest = hashlib.sha256(b"0123456789abcdef").hexdigest()
    assert f"user default on #{digest} " in users(GROUP, "admin")
    files = node_files(GROUP, PRIMARY, "admin")
    assert not [path for path, (content, _) in files.items() if b"0123456789abcdef" in content]


def test_two_tokens_are_valid_while_one_is_rotated() -> None:
    rotated = replace(GROUP, tokens=("first-token-12345", "second-token-1234"))
    assert users(rotated, "admin").splitlines()[0].count("#") == 2


def test_without_token_nobody_needs_a_password() -> None:
    assert users(replace(GROUP, tokens=()), "admin").startswith("user default on nopass ")


@pytest.mark.parametrize("command", ["config", "replicaof", "shutdown", "debug"])
def test_commands_that_elasticache_refuses_are_refused(command: str) -> None:
    assert f" -{command} " in users(GROUP, "admin")


def test_the_eviction_policy_is_that_of_elasticache_unless_somebody_sets_it() -> None:
    assert 'maxmemory-policy "volatile-lru"' in configuration(GROUP)
    changed = replace(GROUP, parameters={"maxmemory-policy": "noeviction"})
    assert 'maxmemory-policy "noeviction"' in configuration(changed)


def test_memory_is_that_of_the_node_type_less_what_is_reserved() -> None:
    assert 'maxmemory "402653184"' in configuration(GROUP)


def test_parameters_of_elasticache_itself_are_not_told_to_redis() -> None:
    changed = replace(GROUP, parameters={"reserved-memory-percent": "50"})
    assert not [line for line in configuration(changed) if line.startswith("reserved")]


def test_a_parameter_that_is_reset_has_its_default_again() -> None:
    assert 'CONFIG SET timeout "0"' in commands(GROUP, PRIMARY)


def test_settings_that_need_a_restart_are_not_sent_to_a_running_node() -> None:
    changed = replace(GROUP, parameters={"databases": "32", "timeout": "20"})
    sent = commands(changed, PRIMARY)
    assert 'CONFIG SET timeout "20"' in sent
    assert not [command for command in sent if "databases" in command]
    assert 'databases "32"' in configuration(changed)


def test_the_reader_endpoint_leads_to_the_replicas() -> None:
    assert reader_addresses(GROUP, {"broker-001": "10.0.0.1", "broker-002": "10.0.0.2"}) == ["10.0.0.2"]


def test_the_reader_endpoint_leads_to_the_primary_when_no_replica_runs() -> None:
    assert reader_addresses(GROUP, {"broker-001": "10.0.0.1"}) == ["10.0.0.1"]


def test_a_ready_replica_takes_over() -> None:
    assert successor(replace(GROUP, fails_over=True), {"broker-002"}) == "broker-002"


def test_nobody_takes_over_without_automatic_failover() -> None:
    assert successor(GROUP, {"broker-002"}) is None


def test_a_replica_that_is_not_ready_does_not_take_over() -> None:
    assert successor(replace(GROUP, fails_over=True), set()) is None


def test_tokens_are_not_in_the_representation() -> None:
    assert "0123456789abcdef" not in repr(GROUP)
