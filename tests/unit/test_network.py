import json
from typing import Any

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import KeyRef, Network, NetworkOptions

POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


def _network(options: NetworkOptions | None = None, key: KeyRef | None = None) -> Synthesized:
    return synthesize(lambda stack: Network(stack, "network", name="kf", options=options, key=key))


def _of_type(network: Synthesized, type_: str) -> dict[str, dict[str, Any]]:
    """The endpoints of a type by the service they lead to."""
    return {
        endpoint["service_name"].split("}.")[1]: endpoint
        for endpoint in network.all("aws_vpc_endpoint")
        if endpoint["vpc_endpoint_type"] == type_
    }


@pytest.fixture(scope="module")
def minimal() -> Synthesized:
    return _network()


@pytest.fixture(scope="module")
def isolated() -> Synthesized:
    return _network(NetworkOptions(nat="none"))


def test_a_minimal_network_has_two_zones_and_one_nat_gateway(minimal: Synthesized) -> None:
    assert (len(minimal.all("aws_subnet")), len(minimal.all("aws_nat_gateway"))) == (4, 1)


def test_no_subnet_gives_out_public_addresses(minimal: Synthesized) -> None:
    assert [subnet for subnet in minimal.all("aws_subnet") if "map_public_ip_on_launch" in subnet] == []


def test_no_subnet_is_replaced_when_aws_lists_another_zone(minimal: Synthesized) -> None:
    assert [subnet["lifecycle"]["ignore_changes"] for subnet in minimal.all("aws_subnet")] == [
        ["availability_zone"]
    ] * 4


def test_only_zones_of_the_region_itself_are_used(minimal: Synthesized) -> None:
    (zones,) = minimal.document["data"]["aws_availability_zones"].values()
    (found_by,) = zones["filter"]

    assert found_by["name"] == "zone-name"
    assert [name.partition(".id}")[2] for name in found_by["values"]] == ["a", "b", "c", "d", "e", "f"]


def test_zones_without_fargate_are_left_out(minimal: Synthesized) -> None:
    (zones,) = minimal.document["data"]["aws_availability_zones"].values()

    assert zones["exclude_zone_ids"] == ["apne1-az3", "cnn1-az3", "cnn1-az4", "usw1-az2"]


def test_the_default_security_group_is_closed(minimal: Synthesized) -> None:
    assert set(minimal.only("aws_default_security_group")) == {"vpc_id"}


def test_the_nat_gateway_waits_for_the_way_to_the_internet(minimal: Synthesized) -> None:
    (awaited,) = minimal.only("aws_nat_gateway")["depends_on"]

    assert awaited.startswith("aws_route.network_public-internet_")


def test_whoever_uses_a_private_subnet_comes_after_its_ways_out(minimal: Synthesized) -> None:
    associated = minimal.at("network/private-0-association")
    (awaited,) = associated["depends_on"]

    assert associated["route_table_id"].startswith("${aws_route.network_private-0-nat_")
    assert awaited.startswith("aws_vpc_endpoint.network_s3_")


def test_s3_is_reached_through_a_gateway_endpoint(minimal: Synthesized) -> None:
    endpoint = minimal.only("aws_vpc_endpoint")

    assert (endpoint["vpc_endpoint_type"], "policy" in endpoint) == ("Gateway", False)


def test_a_month_of_all_connections_is_in_the_network_s_log_group(minimal: Synthesized) -> None:
    group = minimal.only("aws_cloudwatch_log_group")

    assert (group["name"], group["retention_in_days"]) == ("/aws/vpc/kf/flow", 30)
    assert minimal.only("aws_flow_log")["traffic_type"] == "ALL"


def test_flow_logs_may_write_that_log_group_alone(minimal: Synthesized) -> None:
    statement = minimal.statements("network/flow-logs-policy")["WriteFlowLogs"]
    (resource,) = statement["Resource"]

    assert resource.startswith("${aws_cloudwatch_log_group.network_flow-log-group_")
    assert resource.endswith(".arn}:*")
    assert "logs:CreateLogGroup" not in statement["Action"]


def test_flow_logs_take_their_role_on_for_the_account_alone(minimal: Synthesized) -> None:
    (statement,) = json.loads(minimal.only("aws_iam_role")["assume_role_policy"])["Statement"]
    condition = statement["Condition"]

    assert condition["StringEquals"]["aws:SourceAccount"].endswith(".account_id}")
    assert condition["ArnLike"]["aws:SourceArn"].endswith(".account_id}:vpc-flow-log/*")


def test_the_flow_log_waits_until_it_may_write(minimal: Synthesized) -> None:
    (awaited,) = minimal.only("aws_flow_log")["depends_on"]

    assert awaited.startswith("aws_iam_role_policy.network_flow-logs-policy_")


def test_a_full_network_logs_what_is_asked_for() -> None:
    network = _network(NetworkOptions(flow_log_traffic="REJECT", flow_log_retention_days=365))

    assert network.only("aws_flow_log")["traffic_type"] == "REJECT"
    assert network.only("aws_cloudwatch_log_group")["retention_in_days"] == 365


def test_without_flow_logs_nothing_of_them_is_made() -> None:
    network = _network(NetworkOptions(flow_logs=False))

    assert network.all("aws_flow_log") == network.all("aws_cloudwatch_log_group") == []
    assert network.all("aws_iam_role") == []


def test_a_nat_gateway_in_each_zone_has_a_route_table_each() -> None:
    network = _network(NetworkOptions(zones=3, nat="per-az"))

    tables = {network.at(f"network/private-{zone}-association")["route_table_id"] for zone in range(3)}

    assert (len(network.all("aws_nat_gateway")), len(network.all("aws_eip")), len(tables)) == (3, 3, 3)


def test_without_nat_aws_is_reached_through_interface_endpoints(isolated: Synthesized) -> None:
    assert sorted(_of_type(isolated, "Interface")) == [
        "ecr.api",
        "ecr.dkr",
        "ecs",
        "logs",
        "monitoring",
        "secretsmanager",
        "ssm",
        "ssmmessages",
        "sts",
    ]


def test_without_nat_only_the_public_subnets_lead_to_the_internet(isolated: Synthesized) -> None:
    assert isolated.all("aws_nat_gateway") == isolated.all("aws_eip") == []
    assert isolated.only("aws_route")["gateway_id"].startswith("${aws_internet_gateway.")


def test_without_nat_whoever_uses_a_private_subnet_comes_after_the_endpoints(isolated: Synthesized) -> None:
    awaited = isolated.at("network/private-0-association")["depends_on"]

    assert (len(awaited), len(isolated.all("aws_vpc_endpoint"))) == (10, 10)


def test_the_endpoints_answer_the_network_alone(isolated: Synthesized) -> None:
    rule = isolated.only("aws_vpc_security_group_ingress_rule")

    assert (rule["cidr_ipv4"], rule["from_port"], rule["to_port"]) == ("10.20.0.0/16", 443, 443)


def test_endpoints_can_be_chosen_beside_nat() -> None:
    network = _network(NetworkOptions(endpoints=("logs", "sagemaker.api")))

    assert sorted(_of_type(network, "Interface")) == ["logs", "sagemaker.api"]


def test_an_endpoint_has_the_policy_that_is_given_for_it() -> None:
    network = _network(
        NetworkOptions(endpoints=("logs", "sts"), endpoint_policies={"s3": POLICY, "logs": POLICY})
    )
    endpoints = {**_of_type(network, "Interface"), **_of_type(network, "Gateway")}

    assert {service: endpoint.get("policy") for service, endpoint in endpoints.items()} == {
        "s3": POLICY,
        "logs": POLICY,
        "sts": None,
    }


def test_a_key_that_is_brought_encrypts_the_flow_logs() -> None:
    network = _network(key=KeyRef(arn="arn:key"))

    assert network.only("aws_cloudwatch_log_group")["kms_key_id"] == "arn:key"


def test_a_key_that_is_brought_is_reached_without_nat() -> None:
    network = _network(NetworkOptions(nat="none"), key=KeyRef(arn="arn:key"))

    assert "kms" in _of_type(network, "Interface")


def test_a_name_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 24 characters"):
        synthesize(lambda stack: Network(stack, "network", name="x" * 25))
