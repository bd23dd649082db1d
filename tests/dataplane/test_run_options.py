"""What Docker is asked for each option of a container."""

from typing import Unpack

import pytest

from localstack_dataplane.config import Config
from localstack_dataplane.containers import HealthCheck
from localstack_dataplane.run_options import RunOptions, container_arguments, host_arguments

CONFIG = Config(instance="local", address="169.254.170.2", backing_image="b")
MIB = 1024 * 1024


def host(**options: Unpack[RunOptions]):
    return host_arguments(CONFIG, 2, options)


def test_a_container_joins_the_network_and_asks_our_dns():
    arguments = host()
    assert (arguments["network_mode"], arguments["dns"]) == ("local", ["169.254.170.2"])


@pytest.mark.parametrize(("network", "mode"), [(True, "local"), (False, "none"), ("abc", "container:abc")])
def test_a_network_may_be_ours_none_or_that_of_another_container(network, mode):
    assert host(network=network)["network_mode"] == mode


def test_a_shared_network_has_its_own_dns_and_host_name():
    assert host(network="abc")["dns"] is None
    assert container_arguments({"network": "abc", "hostname": "h"})["hostname"] is None


def test_ports_are_published_on_the_loopback_address_only():
    assert host(ports={80: 8080})["port_bindings"] == {80: ("127.0.0.1", 8080)}


def test_a_memory_limit_leaves_no_swap():
    arguments = host(memory_mib=64)
    assert (arguments["mem_limit"], arguments["memswap_limit"]) == (64 * MIB, 64 * MIB)


def test_without_limits_there_are_none():
    assert not {"mem_limit", "mem_reservation", "nano_cpus", "shm_size"} & host().keys()


@pytest.mark.parametrize(("cpus", "nano"), [(0.25, 250_000_000), (8, 2_000_000_000)])
def test_cpus_are_at_most_those_of_the_machine(cpus, nano):
    assert host(cpus=cpus)["nano_cpus"] == nano


def test_volumes_are_bound_by_name():
    assert host(volumes={"v": "/data:ro"})["binds"] == ["v:/data:ro"]


def test_an_empty_entry_point_removes_that_of_the_image():
    assert container_arguments({"entrypoint": ()})["entrypoint"] == []
    assert container_arguments({})["entrypoint"] is None


def test_times_of_a_health_check_are_nanoseconds():
    check = HealthCheck(test=("CMD", "true"), interval=0.5, timeout=2, retries=4, start_period=1)
    found = container_arguments({"health_check": check})["healthcheck"]
    assert (found.test, found.interval, found.timeout, found.retries, found.start_period) == (
        ["CMD", "true"],
        500_000_000,
        2_000_000_000,
        4,
        1_000_000_000,
    )
