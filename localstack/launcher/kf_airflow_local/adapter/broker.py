"""ElastiCache: names of arguments, and Valkey, which came later."""

from kf_airflow_local.adapter.document import Document, drop, rename, replace_reference, resources

RENAMED = {"description": "replication_group_description", "num_cache_clusters": "number_cache_clusters"}
UNKNOWN = (
    "auth_token_update_strategy",
    "data_tiering_enabled",
    "ip_discovery",
    "log_delivery_configuration",
    "network_type",
    "transit_encryption_mode",
)
FIRST_VERSION_WITHOUT_MINOR = 6
FAMILY = "redis6.x"
"""Of parameters, which belongs to the one version there is locally."""


def adapt_brokers(document: Document) -> None:
    """Rename the arguments of replication groups and write their engine and its version in the old form."""
    for block in resources(document, "aws_elasticache_replication_group").values():
        rename(block, RENAMED)
        drop(block, *UNKNOWN)
        version = str(block.get("engine_version", ""))
        major = version.split(".")[0]
        if major.isdigit() and int(major) >= FIRST_VERSION_WITHOUT_MINOR:
            # The old provider takes nothing newer than this form of Redis 6; what runs locally is Debian's
            # Redis.
            block["engine_version"] = "6.x"
        if block.get("engine") == "valkey":
            block["engine"] = "redis"
    for block in resources(document, "aws_elasticache_parameter_group").values():
        drop(block, "tags", "tags_all")
        block["family"] = FAMILY
    for new, old in RENAMED.items():
        replace_reference(
            document, rf"(aws_elasticache_replication_group\.[A-Za-z0-9_-]+)\.{new}\b", rf"\1.{old}"
        )
