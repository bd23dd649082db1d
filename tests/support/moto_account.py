"""An AWS account in moto, for what Terraform looks up before it plans: networks, zones, repositories."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from example_values import REGION
from moto.server import ThreadedMotoServer

# Whatever the stacks look up, and what the providers ask themselves.
SERVICES = (
    "acm",
    "applicationautoscaling",
    "cloudwatch",
    "cloudwatchlogs",
    "ec2",
    "ecr",
    "ecs",
    "elasticache",
    "elbv2",
    "events",
    "iam",
    "kms",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "servicediscovery",
    "sns",
    "ssm",
    "sts",
    "wafv2",
)


@contextmanager
def account() -> Iterator[str]:
    """Runs an account that has what the examples look up; yields the address of its API."""
    # It tells of each request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url = f"http://{host}:{port}"
        furnish(url)
        yield url
    finally:
        server.stop()


def furnish(url: str) -> None:
    """Makes what the examples look up, once: a network as Kids First has it, and the zone `example.org`."""
    route53 = _client("route53", url)
    if not route53.list_hosted_zones_by_name(DNSName="example.org")["HostedZones"]:
        _make_network(url)
        route53.create_hosted_zone(Name="example.org", CallerReference="example")


def provider_arguments(url: str) -> dict[str, Any]:
    """Returns the arguments of a provider that has the account answer everything."""
    return {
        "access_key": "test",
        "secret_key": "test",
        "skip_credentials_validation": True,
        "skip_metadata_api_check": "true",
        "skip_region_validation": True,
        "skip_requesting_account_id": True,
        "s3_use_path_style": True,
        "endpoints": [dict.fromkeys(SERVICES, url)],
    }


def _make_network(url: str) -> None:
    """Makes a VPC tagged as those of Kids First are."""
    ec2 = _client("ec2", url)
    name = f"kf-strides-apps-prd-{REGION}-vpc"
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    _tag(ec2, vpc, name)
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    for number, (kind, zone) in enumerate((kind, zone) for kind in ("private", "public") for zone in "ab"):
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.30.{number}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        _tag(ec2, subnet, f"{name}-{kind}-{REGION}{zone}")


def _tag(ec2: Any, id_: str, name: str) -> None:
    ec2.create_tags(Resources=[id_], Tags=[{"Key": "Name", "Value": name}])


def _client(service: Any, url: str) -> Any:
    return boto3.client(
        service, region_name=REGION, endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="test"
    )
