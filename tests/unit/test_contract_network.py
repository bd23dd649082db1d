"""What the contract suite makes for its tasks, asked of moto: the suite itself has run in no AWS account."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from contract_network import PERMISSIONS, make_network, make_role
from moto import mock_aws

REGION = "us-east-1"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield


@pytest.fixture
def undo() -> Iterator[ExitStack]:
    with ExitStack() as undo:
        yield undo


def _network(undo: ExitStack, *, in_aws: bool) -> dict[str, Any]:
    ec2 = boto3.client("ec2", region_name=REGION)
    return make_network(ec2, name="contract", region=REGION, in_aws=in_aws, finally_do=undo.callback)


def _routes(vpc: str) -> list[tuple[str, str]]:
    tables = boto3.client("ec2", region_name=REGION).describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}]
    )["RouteTables"]
    return [
        (route["DestinationCidrBlock"], route["GatewayId"].split("-")[0])
        for table in tables
        for route in table["Routes"]
    ]


def test_in_aws_the_network_leads_outside(undo: ExitStack) -> None:
    network = _network(undo, in_aws=True)

    assert _routes(network["vpc"]) == [("10.77.0.0/16", "local"), ("0.0.0.0/0", "igw")]


def test_locally_it_leads_nowhere(undo: ExitStack) -> None:
    network = _network(undo, in_aws=False)

    assert _routes(network["vpc"]) == [("10.77.0.0/16", "local")]


def test_in_aws_the_network_knows_the_names_of_private_zones(undo: ExitStack) -> None:
    network = _network(undo, in_aws=True)

    answer = boto3.client("ec2", region_name=REGION).describe_vpc_attribute(
        VpcId=network["vpc"], Attribute="enableDnsHostnames"
    )
    assert answer["EnableDnsHostnames"] == {"Value": True}


@pytest.mark.parametrize("in_aws", [True, False])
def test_nothing_of_the_network_is_left(undo: ExitStack, in_aws: bool) -> None:
    ec2 = boto3.client("ec2", region_name=REGION)
    network = _network(undo, in_aws=in_aws)

    undo.close()

    assert network["vpc"] not in [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
    assert ec2.describe_internet_gateways()["InternetGateways"] == []


def test_what_something_is_still_in_is_removed_once_it_is_empty(
    undo: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ec2 = boto3.client("ec2", region_name=REGION)
    delete, refusals = ec2.delete_vpc, [{"Code": "DependencyViolation", "Message": "has dependencies"}]

    def delete_vpc(**request: Any) -> Any:
        if refusals:
            raise ClientError({"Error": refusals.pop()}, "DeleteVpc")  # type: ignore[typeddict-item]
        return delete(**request)

    monkeypatch.setattr(ec2, "delete_vpc", delete_vpc)
    monkeypatch.setattr("time.sleep", lambda _: None)
    network = make_network(ec2, name="contract", region=REGION, in_aws=True, finally_do=undo.callback)

    undo.close()

    assert network["vpc"] not in [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]


def test_the_role_may_what_ecs_needs_to_start_a_task(undo: ExitStack) -> None:
    iam = boto3.client("iam", region_name=REGION)

    make_role(iam, name="contract", finally_do=undo.callback)

    policy = iam.get_role_policy(RoleName="contract", PolicyName="contract")["PolicyDocument"]
    assert policy == PERMISSIONS


def test_nothing_of_the_role_is_left(undo: ExitStack) -> None:
    iam = boto3.client("iam", region_name=REGION)
    make_role(iam, name="contract", finally_do=undo.callback)

    undo.close()

    assert iam.list_roles()["Roles"] == []
