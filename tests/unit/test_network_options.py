import re
from typing import Any

import pytest

from kf_airflow.options import NetworkOptions
from kf_airflow.refs import NetworkRef


@pytest.mark.parametrize(
    ("values", "with_key", "number"),
    [
        ({}, True, 0),
        ({"nat": "per-az"}, False, 0),
        ({"nat": "none"}, False, 9),
        ({"nat": "none"}, True, 10),
        ({"nat": "none", "endpoints": ()}, True, 0),
        ({"endpoints": ("logs",)}, True, 1),
    ],
)
def test_what_is_reached_through_endpoints_follows_nat_and_the_key(
    values: dict[str, Any], with_key: bool, number: int
) -> None:
    assert len(NetworkOptions(**values).interface_endpoints(with_key=with_key)) == number


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"endpoints": ("s3",)}, "endpoints has 's3': allowed are all but it, which has a gateway"),
        (
            {"endpoints": ("com.amazonaws.us-east-1.logs",)},
            "endpoints has 'com.amazonaws.us-east-1.logs': allowed are services as AWS names them after "
            "com.amazonaws.<region>, such as ecr.api",
        ),
        ({"endpoints": ("ECR",)}, "endpoints has 'ECR': allowed are services as AWS names them"),
        ({"endpoints": ("logs", "logs")}, "endpoints has 'logs' twice: allowed is each once"),
        ({"endpoints": ("ecr.api", "ecr-api")}, "endpoints has 'ecr-api' twice: allowed is each once"),
        (
            {"endpoints": ("logs",), "endpoint_policies": {"sts": "{}"}},
            "endpoint_policies has 'sts': allowed are s3, logs",
        ),
        (
            {"endpoint_policies": {"s3": "open"}},
            "endpoint_policies has for s3 'open': allowed is an IAM policy as JSON",
        ),
        ({"endpoint_policies": {"s3": "1"}}, "endpoint_policies has for s3 '1': allowed is an IAM policy"),
        ({"flow_log_traffic": "all"}, "flow_log_traffic is 'all': allowed are ALL, ACCEPT, REJECT"),
        ({"flow_log_retention_days": 2}, "flow_log_retention_days is 2: allowed are 1, 3, 5, 7"),
    ],
)
def test_a_network_aws_does_not_have_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        NetworkOptions(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"private_subnet_ids": ("a", "a")}, "private_subnet_ids is ['a', 'a']: RDS and load balancers need"),
        (
            {"private_subnet_ids": ("a", "b"), "public_subnet_ids": ("c",)},
            "public_subnet_ids is ['c']: RDS and load balancers need at least two, each in a zone of its own",
        ),
    ],
)
def test_a_network_with_too_few_subnets_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        NetworkRef(vpc_id="vpc-1", **values)
