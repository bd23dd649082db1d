import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import Network, NetworkOptions


def _network(options: NetworkOptions) -> Synthesized:
    return synthesize(lambda stack: Network(stack, "network", name="kf", options=options))


@pytest.fixture(scope="module")
def minimal() -> Synthesized:
    return synthesize(lambda stack: Network(stack, "network", name="kf"))


def test_a_minimal_network_has_two_zones_and_one_nat_gateway(minimal: Synthesized) -> None:
    assert (len(minimal.all("aws_subnet")), len(minimal.all("aws_nat_gateway"))) == (4, 1)


def test_no_subnet_gives_out_public_addresses(minimal: Synthesized) -> None:
    assert [subnet for subnet in minimal.all("aws_subnet") if "map_public_ip_on_launch" in subnet] == []


def test_the_default_security_group_is_closed(minimal: Synthesized) -> None:
    assert set(minimal.only("aws_default_security_group")) == {"vpc_id"}


def test_the_nat_gateway_waits_for_the_way_to_the_internet(minimal: Synthesized) -> None:
    (awaited,) = minimal.only("aws_nat_gateway")["depends_on"]

    assert awaited.startswith("aws_route.network_public-internet_")


def test_whoever_uses_a_private_subnet_comes_after_its_way_out(minimal: Synthesized) -> None:
    associated = minimal.at("network/private-0-association")

    assert associated["route_table_id"].startswith("${aws_route.network_private-0-nat_")


def test_s3_is_reached_through_a_gateway_endpoint(minimal: Synthesized) -> None:
    assert minimal.only("aws_vpc_endpoint")["vpc_endpoint_type"] == "Gateway"


def test_a_nat_gateway_in_each_zone_has_a_route_table_each() -> None:
    network = _network(NetworkOptions(zones=3, nat="per-az"))

    tables = {network.at(f"network/private-{zone}-association")["route_table_id"] for zone in range(3)}

    assert (len(network.all("aws_nat_gateway")), len(network.all("aws_eip")), len(tables)) == (3, 3, 3)


def test_without_nat_aws_is_reached_through_interface_endpoints() -> None:
    network = _network(NetworkOptions(nat="none"))

    services = {
        endpoint["service_name"].split("}.")[1]
        for endpoint in network.all("aws_vpc_endpoint")
        if endpoint["vpc_endpoint_type"] == "Interface"
    }

    assert (services, network.all("aws_nat_gateway")) == (
        {"ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssmmessages", "sts"},
        [],
    )


def test_the_endpoints_answer_the_network_alone() -> None:
    rule = _network(NetworkOptions(nat="none")).only("aws_vpc_security_group_ingress_rule")

    assert (rule["cidr_ipv4"], rule["from_port"], rule["to_port"]) == ("10.20.0.0/16", 443, 443)


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 24 characters"):
        synthesize(lambda stack: Network(stack, "network", name="x" * 25))
