"""Which node types ElastiCache has for Redis and Valkey: in which sizes each family comes."""

from __future__ import annotations

from collections.abc import Mapping

from kf_airflow.checks import sized

_BURSTABLE = ("micro", "small", "medium")
_INTEL = ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge", "24xlarge")
_GRAVITON = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")

# Without r6gd, which ElastiCache makes with data tiering alone: tasks that wait would lie on a disk.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/data-tiering.html
SIZES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("c7gn", "m6g", "m7g", "r6g", "r7g"), _GRAVITON),
    **dict.fromkeys(("m5", "r5"), _INTEL),
    **dict.fromkeys(("t2", "t3", "t4g"), _BURSTABLE),
}
FAMILIES = tuple(sorted(SIZES))


def check_node_type(key: str, value: str) -> None:
    """Refuses a node type that ElastiCache does not have.

    Args:
        key: The setting it stands in.
        value: The node type.

    Raises:
        ValueError: if ElastiCache does not have it.
    """
    sized(key, value, sizes=SIZES, example="ElastiCache types such as cache.t4g.small")
