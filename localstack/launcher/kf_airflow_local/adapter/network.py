"""VPC: security group rules, and elastic addresses."""

from kf_airflow_local.adapter.document import (
    Block,
    Document,
    add,
    drop,
    move_dependencies,
    replace_reference,
    resources,
    take,
)

DIRECTIONS = {
    "aws_vpc_security_group_ingress_rule": "ingress",
    "aws_vpc_security_group_egress_rule": "egress",
}


def adapt_addresses(document: Document) -> None:
    """Say in the old way that an elastic address is for a VPC."""
    for block in resources(document, "aws_eip").values():
        if block.pop("domain", None) == "vpc":
            block["vpc"] = True


def adapt_security_group_rules(document: Document) -> None:
    """Turn rules with one source each into rules with lists of sources."""
    for kind, direction in DIRECTIONS.items():
        for identifier, block in take(document, kind).items():
            # An ingress rule and an egress rule may have the same id; they are of one type now.
            name = f"{identifier}_{direction}"
            add(document, "aws_security_group_rule", name, _rule(block, direction))
            move_dependencies(document, f"{kind}.{identifier}", f"aws_security_group_rule.{name}")


def adapt_discovery_services(document: Document) -> None:
    """Leave out what Cloud Map services could not be told then."""
    for block in resources(document, "aws_service_discovery_service").values():
        drop(block, "force_destroy")


def adapt_regions(document: Document) -> None:
    """Read a region's name by the attribute it had then."""
    replace_reference(document, r"(data\.aws_region\.[A-Za-z0-9_-]+)\.region\b", r"\1.name")


def _rule(block: Block, direction: str) -> Block:
    rule: Block = {
        "type": direction,
        "security_group_id": block["security_group_id"],
        "protocol": block["ip_protocol"],
        # All protocols have no ports; the old provider wants to be told so.
        "from_port": block.get("from_port", 0),
        "to_port": block.get("to_port", 0),
    }
    for name in ("description", "depends_on", "lifecycle", "//"):
        if name in block:
            rule[name] = block[name]
    source = block.get("referenced_security_group_id")
    if source == block["security_group_id"]:
        rule["self"] = True
    elif source is not None:
        rule["source_security_group_id"] = source
    lists = {"cidr_ipv4": "cidr_blocks", "cidr_ipv6": "ipv6_cidr_blocks", "prefix_list_id": "prefix_list_ids"}
    for new, old in lists.items():
        if new in block:
            rule[old] = [block[new]]
    return rule
