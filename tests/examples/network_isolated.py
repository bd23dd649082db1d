"""A network that nothing leaves but calls of AWS's APIs, with flow logs under a key of its own."""

import json

from cdktf import TerraformStack

from kf_airflow import Key, Network, NetworkOptions

# Where ECR keeps the layers of images.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
LAYERS = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"
BUCKETS = "arn:aws:s3:::kf-isolated-*"


def _allow(actions: list[str], resource: str) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resource}


def place(stack: TerraformStack) -> None:
    key = Key(stack, "key", name="kf-isolated").ref
    reachable = [
        _allow(["s3:GetObject"], LAYERS),
        _allow(["s3:ListBucket"], BUCKETS),
        _allow(["s3:GetObject", "s3:PutObject"], f"{BUCKETS}/*"),
    ]
    Network(
        stack,
        "network",
        name="kf-isolated",
        options=NetworkOptions(
            cidr_block="10.40.0.0/20",
            zones=3,
            nat="none",
            endpoint_policies={"s3": json.dumps({"Version": "2012-10-17", "Statement": reachable})},
            flow_log_retention_days=365,
        ),
        key=key,
    )
