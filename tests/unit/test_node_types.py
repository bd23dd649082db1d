import re

import pytest

from kf_airflow.node_types import check_node_type


@pytest.mark.parametrize(
    "node_type",
    ["cache.t4g.micro", "cache.t2.medium", "cache.m5.24xlarge", "cache.r7g.16xlarge", "cache.c7gn.8xlarge"],
)
def test_a_node_type_that_elasticache_has_is_good(node_type: str) -> None:
    check_node_type("node_type", node_type)


@pytest.mark.parametrize(
    ("node_type", "message"),
    [
        (
            "cache.m7g.micro",
            "node_type is 'cache.m7g.micro': allowed of cache.m7g are large, xlarge",
        ),
        ("cache.t4g.large", "node_type is 'cache.t4g.large': allowed of cache.t4g are micro, small, medium"),
        (
            "cache.m5.8xlarge",
            "node_type is 'cache.m5.8xlarge': allowed of cache.m5 are large, xlarge",
        ),
        ("cache.r7g.24xlarge", "node_type is 'cache.r7g.24xlarge': allowed of cache.r7g are large, xlarge,"),
        ("cache.r6gd.xlarge", "node_type is 'cache.r6gd.xlarge': allowed are ElastiCache types such as"),
        (
            "m5.large",
            "node_type is 'm5.large': allowed are ElastiCache types such as cache.t4g.small",
        ),
    ],
)
def test_one_that_it_does_not_have_is_refused_with_those_that_are(node_type: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        check_node_type("node_type", node_type)
