import re
from typing import Any

import pytest

from kf_airflow.options import (
    BrokerOptions,
    DagOptions,
    DatabaseOptions,
    IngressOptions,
    LogOptions,
    NetworkOptions,
    StorageOptions,
)
from kf_airflow.refs import BucketRef, NetworkRef, SecretKey


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (NetworkOptions, {"nat": "two"}, "nat is 'two': allowed are none, single, per-az"),
        (NetworkOptions, {"zones": 5}, "zones is 5: allowed are 2 to 4"),
        (NetworkOptions, {"cidr_block": "10.0.0.0/8"}, "cidr_block is '10.0.0.0/8': allowed are IPv4 blocks"),
        (
            DatabaseOptions,
            {"instance_class": "t4g.small"},
            "instance_class is 't4g.small': allowed are RDS classes",
        ),
        (
            DatabaseOptions,
            {"engine_version": "new"},
            "engine_version is 'new': allowed are PostgreSQL versions",
        ),
        (
            DatabaseOptions,
            {"allocated_storage_gib": 5},
            "allocated_storage_gib is 5: allowed are 20 to 65536",
        ),
        (
            DatabaseOptions,
            {"max_allocated_storage_gib": 10},
            "max_allocated_storage_gib is 10: allowed are 0 (it does not grow) and 22 to 65536",
        ),
        (DatabaseOptions, {"backup_retention_days": 36}, "backup_retention_days is 36: allowed are 0 to 35"),
        (
            BrokerOptions,
            {"node_type": "t4g.small"},
            "node_type is 't4g.small': allowed are ElastiCache types",
        ),
        (BrokerOptions, {"replicas": 6}, "replicas is 6: allowed are 0 to 5"),
        (
            BrokerOptions,
            {"snapshot_retention_days": -1},
            "snapshot_retention_days is -1: allowed are 0 to 35",
        ),
        (StorageOptions, {"expiration_days": 0}, "expiration_days is 0: allowed are 1 to 36500"),
        (StorageOptions, {"bucket_name": "Logs"}, "bucket_name is 'Logs': allowed are names of buckets"),
        (StorageOptions, {"bucket_name": ""}, "bucket_name is '': allowed are names of buckets"),
        (StorageOptions, {"access_log_bucket": "a..b"}, "access_log_bucket is 'a..b': allowed are names"),
        (StorageOptions, {"noncurrent_days": 0}, "noncurrent_days is 0: allowed are 1 to 36500"),
        (DagOptions, {"archive_retention_days": 0}, "archive_retention_days is 0: allowed are 1 to 36500"),
        (DagOptions, {"cache_mib": 255}, "cache_mib is 255: allowed are 256 to 102400"),
        (LogOptions, {"retention_days": 2}, "retention_days is 2: allowed are 1, 3, 5, 7"),
        (IngressOptions, {"idle_timeout_seconds": 0}, "idle_timeout_seconds is 0: allowed are 1 to 4000"),
        (IngressOptions, {"allowed_cidrs": ("home",)}, "allowed_cidrs has 'home', which is not a CIDR block"),
        (
            IngressOptions,
            {"internal": False},
            "allowed_cidrs is not set: a load balancer open to the internet",
        ),
        (NetworkRef, {"vpc_id": "v", "private_subnet_ids": ("s",)}, "private_subnet_ids is ['s']: RDS and"),
        (
            BucketRef,
            {"name": "b", "arn": "a", "prefix": "/logs/"},
            "prefix is '/logs/': allowed is a key prefix",
        ),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(
    kind: Any, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        kind(**values)


def test_an_open_load_balancer_is_taken_once_it_says_who_may_connect() -> None:
    assert IngressOptions(internal=False, allowed_cidrs=("0.0.0.0/0",)).allowed_cidrs == ("0.0.0.0/0",)


def test_a_secret_key_is_named_in_full_for_ecs() -> None:
    assert (
        SecretKey(secret_arn="arn:secret-AbCdEf", key="password").value_from == "arn:secret-AbCdEf:password::"
    )
