"""The provider block and the required version."""

from kf_airflow_local.adapter.document import Document, blocks, drop, first, rename

VERSION = "3.39.0"

ENDPOINTS = {
    "appautoscaling": "applicationautoscaling",
    "elbv2": "elb",
    "elasticloadbalancingv2": "elb",
    "events": "cloudwatchevents",
    "logs": "cloudwatchlogs",
}
"""Names of services in ``endpoints`` that were others then; both kinds of load balancers shared one."""


def adapt_provider(document: Document) -> None:
    """Rename the provider's arguments and ask for the old version."""
    for block in blocks(document.get("provider", {}).get("aws")):
        rename(block, {"s3_use_path_style": "s3_force_path_style"})
        drop(block, "retry_mode", "sts_region", "use_dualstack_endpoint", "use_fips_endpoint")
        for endpoints in blocks(block.get("endpoints")):
            rename(endpoints, ENDPOINTS)
    required = document.get("terraform", {}).get("required_providers", {})
    if "aws" in required:
        required["aws"]["version"] = VERSION


def adapt_tags(document: Document) -> None:
    """Leave out of each resource the tags it has by default: they were refused, or changed at every plan."""
    default = {}
    for block in blocks(document.get("provider", {}).get("aws")):
        default.update(first(block.get("default_tags")).get("tags", {}))
    for kind in document.get("resource", {}).values():
        for block in kind.values():
            tags = block.get("tags")
            if isinstance(tags, dict):
                own = {key: value for key, value in tags.items() if default.get(key) != value}
                block.pop("tags")
                if own:
                    block["tags"] = own
