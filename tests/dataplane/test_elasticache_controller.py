from dataclasses import replace
from typing import Any, cast

import pytest
from fake_docker import FakeDocker

from localstack_dataplane.config import Config
from localstack_dataplane.elasticache.controller import ElastiCacheController
from localstack_dataplane.elasticache.model import Node, ReplicationGroup
from localstack_dataplane.names import Names
from localstack_dataplane.passes import PassError
from localstack_dataplane.pki import Certificate

ARN = "arn:aws:elasticache:us-east-1:1:replicationgroup:broker"
FIRST, SECOND = "local-elasticache-broker-001", "local-elasticache-broker-002"
GROUP = ReplicationGroup(
    arn=ARN,
    id="broker",
    status="creating",
    port=6379,
    primary_host="master.broker.example",
    reader_host="replica.broker.example",
    nodes=(
        Node(id="broker-001", host="broker-001.example", primary=True),
        Node(id="broker-002", host="broker-002.example", primary=False),
    ),
    tls=True,
    tokens=("0123456789abcdef",),
    fails_over=True,
)


class State:
    def __init__(self) -> None:
        self.known = {ARN: GROUP}

    def groups(self) -> list[ReplicationGroup]:
        return list(self.known.values())

    def set_status(self, arn: str, status: str) -> None:
        self.change(status=status)

    def promote(self, arn: str, node_id: str) -> None:
        nodes = tuple(replace(node, primary=node.id == node_id) for node in self.known[arn].nodes)
        self.change(nodes=nodes)

    def failed(self, arn: str) -> None:
        self.change(failing=None)

    def forget(self, arn: str) -> None:
        del self.known[arn]

    def change(self, **changes: Any) -> None:
        self.known[ARN] = replace(self.known[ARN], **changes)


class Authority:
    certificate = b"authority"

    def issue(self, common_name: str, names: list[str]) -> Certificate:
        return Certificate(chain=",".join(names).encode(), key=b"key")

    def secret(self, purpose: str) -> str:
        return "administrator"


class World:
    def __init__(self) -> None:
        self.docker = FakeDocker()
        self.names = Names()
        self.state = State()
        config = Config(instance="local", address="10.0.0.99", backing_image="backing")
        self.controller = ElastiCacheController(
            config, cast(Any, self.docker), self.names, cast(Any, Authority()), cast(Any, self.state)
        )

    def passes(self, count: int = 1) -> None:
        for _ in range(count):
            self.controller.reconcile()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def running(world: World) -> World:
    world.passes(3)
    assert world.state.known[ARN].status == "available"
    return world


def test_each_node_gets_a_container(world: World) -> None:
    world.passes()
    assert {container.name for container in world.docker.containers()} == {FIRST, SECOND}


def test_a_group_is_creating_until_all_nodes_answer(world: World) -> None:
    world.docker.exit_codes["redis-ready"] = 1
    world.passes(3)
    assert world.state.known[ARN].status == "creating"


def test_the_certificate_is_for_both_endpoints_and_the_node(world: World) -> None:
    world.passes()
    files = world.docker.files[world.docker.named(FIRST).id]
    assert files["/etc/backing/tls.crt"] == b"broker-001.example,master.broker.example,replica.broker.example"


def test_the_primary_endpoint_leads_to_the_primary(running: World) -> None:
    assert running.names.resolve("master.broker.example") == (running.docker.named(FIRST).address,)


def test_the_reader_endpoint_leads_to_the_replica(running: World) -> None:
    assert running.names.resolve("replica.broker.example") == (running.docker.named(SECOND).address,)


def test_nothing_is_done_when_nothing_changed(running: World) -> None:
    before = list(running.docker.commands)
    running.passes(3)
    assert running.docker.commands == before


def test_a_changed_token_is_taken_over_by_all_nodes(running: World) -> None:
    running.docker.commands.clear()
    running.state.change(tokens=("another-token-123",))
    running.passes()
    assert [name for name, argv in running.docker.commands if argv[0] == "redis-apply"] == [FIRST, SECOND]


def test_a_replica_takes_over_when_the_primary_dies(running: World) -> None:
    running.docker.kill(FIRST)
    running.passes(2)
    assert running.names.resolve("master.broker.example") == (running.docker.named(SECOND).address,)


def test_a_failover_on_demand_makes_the_primary_fail(running: World) -> None:
    before = running.docker.named(FIRST).id
    running.state.promote(ARN, "broker-002")
    running.state.change(failing="broker-001", status="modifying")
    running.passes()
    assert running.names.resolve("master.broker.example") == (running.docker.named(SECOND).address,)
    assert running.docker.named(FIRST).id != before
    configuration = running.docker.files[running.docker.named(FIRST).id]["/etc/backing/redis.conf"]
    assert b"replicaof master.broker.example 6379" in configuration
    running.passes(2)
    assert (running.state.known[ARN].status, running.state.known[ARN].failing) == ("available", None)


def test_the_endpoint_moves_when_the_new_primary_knows_its_role_only(running: World) -> None:
    address = running.docker.named(FIRST).address
    running.docker.exit_codes["redis-apply"] = 1
    running.state.promote(ARN, "broker-002")
    with pytest.raises(PassError, match="Redis refuses its settings"):
        running.passes()
    assert running.names.resolve("master.broker.example") == (address,)


def test_the_primary_endpoint_keeps_its_address_while_nobody_answers(running: World) -> None:
    address = running.docker.named(FIRST).address
    running.state.change(fails_over=False)
    running.docker.kill(FIRST)
    running.passes()
    assert running.names.resolve("master.broker.example") == (address,)


def test_a_dead_primary_comes_back_as_replica(running: World) -> None:
    running.docker.kill(FIRST)
    running.passes(2)
    configuration = running.docker.files[running.docker.named(FIRST).id]["/etc/backing/redis.conf"]
    assert b"replicaof master.broker.example 6379" in configuration


def test_without_failover_the_primary_itself_is_started_again(running: World) -> None:
    running.state.change(fails_over=False)
    running.docker.kill(FIRST)
    running.passes()
    assert running.docker.named(FIRST).running
    assert running.state.known[ARN].primary.id == "broker-001"


def test_a_dead_replica_is_started_again(running: World) -> None:
    running.docker.kill(SECOND)
    running.passes()
    assert running.docker.named(SECOND).running


def test_a_node_that_is_no_longer_wanted_is_removed(running: World) -> None:
    running.state.change(nodes=running.state.known[ARN].nodes[:1])
    running.passes()
    assert [container.name for container in running.docker.containers()] == [FIRST]


def test_a_deleted_group_leaves_nothing(running: World) -> None:
    running.state.change(status="deleting")
    running.passes()
    assert (running.docker.found, running.state.known) == ({}, {})
