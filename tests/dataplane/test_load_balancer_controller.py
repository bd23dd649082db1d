import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from fake_docker import FakeDocker

from localstack_dataplane.config import Config
from localstack_dataplane.containers import DockerError
from localstack_dataplane.elbv2.controller import LoadBalancerController
from localstack_dataplane.elbv2.health import Health
from localstack_dataplane.elbv2.model import (
    FixedResponse,
    Listener,
    ListenerCertificate,
    LoadBalancer,
    Rule,
    Target,
    TargetGroup,
)
from localstack_dataplane.elbv2.tls import path_of
from localstack_dataplane.names import Names
from localstack_dataplane.passes import PassError
from localstack_dataplane.pki import Certificate

ARN = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/web/0"
NAME = "local-elbv2-web"
CONFIGURATION = "/etc/backing/haproxy.cfg"


def listener(port: int, protocol: str = "HTTP") -> Listener:
    rule = Rule(arn="default", action=FixedResponse(status=200))
    return Listener(arn=f"l{port}", port=port, protocol=protocol, rules=(rule,))


BALANCER = LoadBalancer(arn=ARN, name="web", dns_name="web.example", listeners=(listener(80),))


class State:
    def __init__(self) -> None:
        self.known = {ARN: BALANCER}
        self.written: Mapping[str, Mapping[Target, Health]] = {}

    def load_balancers(self) -> list[LoadBalancer]:
        return list(self.known.values())

    def target_groups(self) -> list[TargetGroup]:
        return []

    def set_active(self, arn: str) -> None:
        self.change(state="active")

    def health(self) -> dict[str, dict[Target, Health]]:
        return {}

    def set_health(self, health: Mapping[str, Mapping[Target, Health]]) -> None:
        self.written = health

    def change(self, **changes: Any) -> None:
        self.known[ARN] = replace(self.known[ARN], **changes)


class Authority:
    def issue(self, common_name: str, names: list[str]) -> Certificate:
        return Certificate(chain=",".join(names).encode(), key=b"key")


class World:
    def __init__(self) -> None:
        self.docker = FakeDocker()
        self.names = Names()
        self.state = State()
        config = Config(instance="local", address="10.0.0.99", backing_image="backing", publish={80: 8080})
        self.controller = LoadBalancerController(
            config, cast(Any, self.docker), self.names, cast(Any, Authority()), cast(Any, self.state)
        )

    def passes(self, count: int = 1) -> None:
        for _ in range(count):
            self.controller.reconcile()

    @property
    def container_id(self) -> str:
        return self.docker.named(NAME).id


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def running(world: World) -> World:
    world.passes(2)
    assert world.state.known[ARN].state == "active"
    return world


def test_a_load_balancer_is_provisioning_until_its_container_runs(world: World) -> None:
    world.passes()
    assert world.state.known[ARN].state == "provisioning"


def test_its_name_leads_to_the_container(running: World) -> None:
    assert running.names.resolve("web.example") == (running.docker.named(NAME).address,)


def test_listeners_that_are_to_be_published_are_bound_on_the_host(running: World) -> None:
    assert running.docker.ports[running.container_id] == {80: 8080}


def test_nothing_is_done_when_nothing_changed(running: World) -> None:
    running.passes(3)
    assert (list(running.docker.found), running.docker.commands) == (["id1"], [])


def test_a_change_is_a_reload(running: World) -> None:
    running.state.change(listeners=(listener(80), listener(81)))
    running.passes(2)
    assert (list(running.docker.found), running.docker.commands) == (
        ["id1"],
        [(NAME, ["load-balancer-reload"])],
    )
    assert b"bind :81" in running.docker.files["id1"][f"{CONFIGURATION}.new"]


def test_a_refused_configuration_is_reported_and_tried_again(running: World) -> None:
    running.docker.exit_codes["load-balancer-reload"] = 1
    running.state.change(idle_timeout=5)
    for _ in range(2):
        with pytest.raises(PassError, match="load balancer web: HAProxy refuses its configuration"):
            running.passes()


def test_another_set_of_published_ports_is_a_new_container(running: World) -> None:
    running.state.change(listeners=(listener(81),))
    running.passes(2)
    assert (list(running.docker.found), running.docker.ports[running.container_id]) == (["id2"], {})


def test_a_port_that_is_taken_does_not_cost_the_load_balancer(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.docker.taken_ports = {8080}
    with caplog.at_level(logging.WARNING):
        world.passes(3)
    assert (list(world.docker.found), world.state.known[ARN].state) == (["id1"], "active")
    assert world.docker.ports[world.container_id] == {80: None}
    assert "is at free ports of the host, not at 8080; `docker port" in caplog.text


def test_another_failure_does_not_cost_the_ports(world: World) -> None:
    run, failures = world.docker.run, iter([DockerError("Docker does not answer")])

    def failing_once(*arguments: Any, **options: Any) -> Any:
        for failure in failures:
            raise failure
        return run(*arguments, **options)

    world.docker.run = failing_once  # type: ignore[method-assign]
    with pytest.raises(PassError, match="Docker does not answer"):
        world.passes()
    world.passes()
    assert world.docker.ports[world.container_id] == {80: 8080}


def test_a_dead_container_without_a_log_is_replaced(running: World) -> None:
    def logs(container_id: str, since: int = 0) -> list[bytes]:
        raise DockerError("can not get logs from container which is dead")

    running.docker.logs = logs  # type: ignore[method-assign]
    running.docker.kill(NAME)
    running.passes()
    assert running.docker.named(NAME).running


def test_a_container_that_died_is_replaced(running: World) -> None:
    running.docker.kill(NAME)
    running.passes()
    assert running.docker.named(NAME).running


def certificates_of(world: World, *certificates: ListenerCertificate) -> list[bytes]:
    world.state.change(listeners=(replace(listener(443, "HTTPS"), certificates=certificates),))
    world.passes()
    return [world.docker.files[world.container_id][path_of(item)] for item in certificates]


def test_a_certificate_that_was_requested_is_issued_by_the_local_authority(world: World) -> None:
    requested = ListenerCertificate(arn="a", names=("airflow.example.org",))
    assert certificates_of(world, requested) == [b"airflow.example.org,web.example,localhost,127.0.0.1key"]


def test_a_certificate_that_was_imported_is_shown_as_it_is(world: World) -> None:
    assert certificates_of(world, ListenerCertificate(arn="a", pem=b"as it is")) == [b"as it is"]


def test_a_deleted_load_balancer_leaves_nothing(running: World) -> None:
    running.state.known.clear()
    running.passes()
    assert (running.docker.found, running.names.resolve("web.example")) == ({}, None)
