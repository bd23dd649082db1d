"""What the tasks of the contract suite run in: a network, and a role. In AWS they need more than locally."""

import json
from collections.abc import Callable
from typing import Any, Protocol

from botocore.exceptions import ClientError
from waiting import wait_for

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
    ],
}
# What ECS asks for a task before it starts, and what the agent does for its log.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
PERMISSIONS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": [
                *("ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage"),
                *("ecr:GetDownloadUrlForLayer", "logs:CreateLogStream", "logs:PutLogEvents"),
                *("secretsmanager:GetSecretValue", "ssm:GetParameters"),
            ],
            "Resource": "*",
        }
    ],
}
_POLICY = "contract"
# Addresses of tasks and load balancers, which hold what they are in, are given back minutes after them.
_REMOVAL_SECONDS = 900


class Finally(Protocol):
    """Does something at the end of the suite, last first."""

    def __call__(self, undo: Callable[..., Any], /, *arguments: Any, **keywords: Any) -> object: ...


def make_network(ec2: Any, *, name: str, region: str, in_aws: bool, finally_do: Finally) -> dict[str, Any]:
    """Makes a VPC, two subnets in different zones, and a security group that lets in all of the VPC.

    Args:
        ec2: A client of EC2.
        name: Of the security group.
        region: The region.
        in_aws: Whether subnets have to lead outside, for tasks with public addresses to get their image.
        finally_do: Undoes it at the end.
    """

    def finally_remove(remove: Callable[..., Any], **keywords: Any) -> None:
        finally_do(_remove if in_aws else _call, remove, keywords)

    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    finally_remove(ec2.delete_vpc, VpcId=vpc)
    if in_aws:
        _open(ec2, vpc, finally_remove)
    subnets = []
    for number, zone in enumerate("ab"):
        made = ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.77.{number}.0/24", AvailabilityZone=f"{region}{zone}"
        )["Subnet"]["SubnetId"]
        finally_remove(ec2.delete_subnet, SubnetId=made)
        subnets.append(made)
    group = ec2.create_security_group(GroupName=name, Description="Contract", VpcId=vpc)["GroupId"]
    finally_remove(ec2.delete_security_group, GroupId=group)
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.77.0.0/16"}]}]
    )
    return {"vpc": vpc, "subnets": subnets, "group": group}


def make_role(iam: Any, *, name: str, finally_do: Finally) -> str:
    """Makes a role that tasks take on, for ECS and for their code; returns its ARN."""
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    finally_do(iam.delete_role, RoleName=name)
    iam.put_role_policy(RoleName=name, PolicyName=_POLICY, PolicyDocument=json.dumps(PERMISSIONS))
    finally_do(iam.delete_role_policy, RoleName=name, PolicyName=_POLICY)
    return arn


def _open(ec2: Any, vpc: str, finally_remove: Callable[..., None]) -> None:
    """Lets a VPC lead outside, and know the names of private zones."""
    # Cloud Map's private zones are not answered without.
    # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    finally_remove(ec2.delete_internet_gateway, InternetGatewayId=gateway)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    finally_remove(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
    main = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "association.main", "Values": ["true"]}]
    table = ec2.describe_route_tables(Filters=main)["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)


def _call(remove: Callable[..., Any], keywords: dict[str, Any]) -> None:
    remove(**keywords)


def _remove(remove: Callable[..., Any], keywords: dict[str, Any]) -> None:
    """Removes something as soon as nothing is in it any longer."""

    def look() -> str:
        try:
            remove(**keywords)
        except ClientError as error:
            if error.response["Error"]["Code"] != "DependencyViolation":
                raise
            return str(error)
        return ""

    what = f"{', '.join(keywords.values())} can be removed"
    wait_for(what, look, lambda error: not error, timeout_seconds=_REMOVAL_SECONDS, interval_seconds=5)
