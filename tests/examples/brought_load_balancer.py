"""Airflow behind a load balancer that others use too, under host names of its own."""

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.data_aws_route53_zone import DataAwsRoute53Zone

from kf_airflow import Airflow, IngressOptions, LoadBalancerRef

ELB = "arn:aws:elasticloadbalancing:us-east-1:111122223333"


def place(stack: TerraformStack) -> None:
    zone = DataAwsRoute53Zone(stack, "zone", name="example.org")
    Airflow(
        stack,
        "airflow",
        name="kf-shared",
        image="111122223333.dkr.ecr.us-east-1.amazonaws.com/kf-airflow:0000000",
        load_balancer=LoadBalancerRef(
            arn=f"{ELB}:loadbalancer/app/shared/0123456789abcdef",
            listener_arn=f"{ELB}:listener/app/shared/0123456789abcdef/fedcba9876543210",
            security_group_id="sg-0123456789abcdef0",
            dns_name="internal-shared-1234567890.us-east-1.elb.amazonaws.com",
            zone_id="Z35SXDOTRQ7X7K",
            first_priority=1000,
        ),
        ingress=IngressOptions(
            host="airflow.example.org", flower_host="flower.example.org", zone_id=zone.zone_id
        ),
    )
