import re
from typing import Any

import pytest

from kf_airflow.options import BrokerOptions


@pytest.mark.parametrize(
    ("values", "version", "family"),
    [
        ({}, "7.1", "redis7"),
        ({"engine_version": "6.2"}, "6.2", "redis6.x"),
        ({"engine": "valkey"}, "8.1", "valkey8"),
        ({"engine": "valkey", "engine_version": "7.2"}, "7.2", "valkey7"),
    ],
)
def test_an_engine_has_a_version_and_a_family(values: dict[str, Any], version: str, family: str) -> None:
    options = BrokerOptions(**values)

    assert (options.version, options.family) == (version, family)


@pytest.mark.parametrize(
    ("values", "fails_over"),
    [
        ({}, False),
        ({"replicas": 1}, True),
        ({"replicas": 1, "automatic_failover": False}, False),
        ({"automatic_failover": False}, False),
    ],
)
def test_failover_follows_the_replicas(values: dict[str, Any], fails_over: bool) -> None:
    assert BrokerOptions(**values).fails_over is fails_over


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"engine": "memcached"}, "engine is 'memcached': allowed are redis, valkey"),
        ({"engine_version": "5.0"}, "engine_version is '5.0': allowed for redis are 6.0, 6.2, 7.0, 7.1"),
        (
            {"engine": "valkey", "engine_version": "7.1"},
            "engine_version is '7.1': allowed for valkey are 7.2, 8.0, 8.1, 8.2",
        ),
        ({"node_type": "cache.m1.small"}, "node_type is 'cache.m1.small': allowed are ElastiCache types"),
        (
            {"node_type": "cache.r6gd.xlarge"},
            "node_type is 'cache.r6gd.xlarge': allowed are ElastiCache types such as cache.t4g.small, of the "
            "families c7gn, m5, m6g, m7g, r5, r6g, r7g, t2, t3, t4g",
        ),
        (
            {"node_type": "cache.t4g.24xlarge"},
            "node_type is 'cache.t4g.24xlarge': allowed of cache.t4g are micro, small, medium",
        ),
        (
            {"automatic_failover": True},
            "automatic_failover is true: allowed with replicas of 1 to 5, and replicas is 0",
        ),
        ({"tls": False}, "auth is true: allowed with TLS, and tls is false"),
        ({"snapshot_window": "03:00-03:30"}, "snapshot_window is '03:00-03:30': allowed is a daily window"),
        ({"maintenance_window": "sun"}, "maintenance_window is 'sun': allowed is a weekly window"),
        (
            {"snapshot_window": "03:00-04:00", "maintenance_window": "sun:03:30-sun:04:30"},
            "snapshot_window is '03:00-04:00': allowed are windows that the maintenance_window",
        ),
        (
            {"parameters": {"cluster-enabled": "yes"}},
            "parameters has cluster-enabled: allowed are all but it",
        ),
    ],
)
def test_a_broker_elasticache_does_not_have_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        BrokerOptions(**values)
