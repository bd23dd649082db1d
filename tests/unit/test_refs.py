from typing import Any

import pytest

from kf_airflow.refs import BrokerRef, BucketRef, ClusterRef, DatabaseRef, KeyRef, NetworkRef, SecretKey

CLUSTER = {
    "name": "tools",
    "arn": "arn:aws:ecs:us-east-1:111122223333:cluster/tools",
    "region": "us-east-1",
    "account_id": "111122223333",
    "namespace_id": "ns-1",
    "namespace_name": "tools.internal",
    "log_group_prefix": "apps-dev/tools",
}
NETWORK = {"vpc_id": "vpc-1", "private_subnet_ids": ("subnet-1", "subnet-2")}
SECRET = {"secret_arn": "arn:s", "key": "password"}


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (ClusterRef, CLUSTER),
        (
            ClusterRef,
            CLUSTER
            | {"region": "${data.a.b.id}", "account_id": "${data.a.c.id}", "log_group_prefix": "${d}/x"},
        ),
        (KeyRef, {"arn": "${aws_kms_key.it.arn}"}),
        (NetworkRef, NETWORK | {"cidr_block": "10.0.0.0/28"}),
        (NetworkRef, NETWORK | {"cidr_block": "${data.aws_vpc.it.cidr_block}"}),
        (SecretKey, SECRET),
    ],
)
def test_what_is_written_out_and_what_terraform_looks_up_are_taken(kind: Any, values: dict[str, Any]) -> None:
    assert [getattr(kind(**values), key) for key in values] == list(values.values())


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (KeyRef, {"arn": " "}, "arn is ' ': allowed is a value"),
        (KeyRef, {"arn": "alias/key"}, "arn is 'alias/key': allowed are ARNs"),
        (BrokerRef, {"address": "", "secret_arn": "arn:s"}, "address is '': allowed is a value"),
        (BrokerRef, {"address": "redis", "key_arn": "key"}, "key_arn is 'key': allowed are ARNs"),
        (BrokerRef, {"address": "redis", "port": 0}, "port is 0: allowed are 1 to 65535"),
        (
            DatabaseRef,
            {"address": "db", "name": "airflow", "secret_arn": "arn:s", "port": 65536},
            "port is 65536: allowed are 1 to 65535",
        ),
        (ClusterRef, CLUSTER | {"region": "east"}, "region is 'east': allowed are regions such as us-east-1"),
        (ClusterRef, CLUSTER | {"account_id": "1"}, "account_id is '1': allowed are twelve digits"),
        (ClusterRef, CLUSTER | {"log_group_prefix": "a b"}, "log_group_prefix is 'a b': allowed are letters"),
        (ClusterRef, CLUSTER | {"log_retention_days": 2}, "log_retention_days is 2: allowed are 1, 3, 5, 7"),
        (NetworkRef, NETWORK | {"cidr_block": "home"}, "cidr_block is 'home', which is not a CIDR block"),
        (
            NetworkRef,
            NETWORK | {"cidr_block": "0.0.0.0/0"},
            "cidr_block is '0.0.0.0/0': allowed are IPv4 blocks from /16 to /28",
        ),
        (
            NetworkRef,
            NETWORK | {"private_subnet_ids": ("a", " ")},
            "private_subnet_ids is .'a', ' '.: RDS and",
        ),
        (SecretKey, SECRET | {"key": "a:b"}, "key is 'a:b': allowed are keys without colons"),
    ],
)
def test_what_cannot_be_is_refused(kind: Any, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(**values)


@pytest.mark.parametrize(
    ("logs", "archives"), [("logs", "dags"), ("dev/logs", "dev/logs-dags"), ("dags", "dags-dags")]
)
def test_deployments_that_share_a_bucket_have_archives_of_their_own(logs: str, archives: str) -> None:
    assert BucketRef(name="b", arn="arn:b", prefix=logs).archives.prefix == archives


def test_archives_are_encrypted_as_the_logs_are() -> None:
    assert BucketRef(name="b", arn="arn:b", key_arn="arn:k").archives.key_arn == "arn:k"
