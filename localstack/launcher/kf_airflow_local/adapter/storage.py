"""S3: what later became resources of their own was part of the bucket."""

from collections.abc import Callable

from kf_airflow_local.adapter.document import (
    Block,
    Document,
    address_of,
    blocks,
    first,
    move_dependencies,
    resources,
    take,
)


def adapt_buckets(document: Document) -> None:
    """Move versioning, encryption, life cycle and access logging into the buckets they belong to."""
    parts: dict[str, Callable[[Block, Block], None]] = {
        "aws_s3_bucket_versioning": _versioning,
        "aws_s3_bucket_server_side_encryption_configuration": _encryption,
        "aws_s3_bucket_lifecycle_configuration": _lifecycle,
        "aws_s3_bucket_logging": _logging,
    }
    for kind, move in parts.items():
        for identifier, block in take(document, kind).items():
            bucket = address_of(str(block["bucket"]))
            if bucket is None or not bucket.startswith("aws_s3_bucket."):
                raise ValueError(
                    f"{kind}.{identifier} has the bucket {block['bucket']!r}; only a bucket of the same "
                    "stack can be adapted to the old provider."
                )
            move(resources(document, "aws_s3_bucket")[bucket.removeprefix("aws_s3_bucket.")], block)
            move_dependencies(document, f"{kind}.{identifier}", bucket)


def adapt_ownership(document: Document) -> None:
    """Weaken the ownership of objects to what could be asked for then; there are no access lists."""
    for block in resources(document, "aws_s3_bucket_ownership_controls").values():
        for rule in blocks(block["rule"]):
            if rule["object_ownership"] == "BucketOwnerEnforced":
                rule["object_ownership"] = "BucketOwnerPreferred"


def _versioning(bucket: Block, block: Block) -> None:
    status = first(block["versioning_configuration"])["status"]
    bucket["versioning"] = {"enabled": status == "Enabled"}


def _encryption(bucket: Block, block: Block) -> None:
    rule = first(block["rule"])
    default = first(rule["apply_server_side_encryption_by_default"])
    bucket["server_side_encryption_configuration"] = {
        "rule": {
            "apply_server_side_encryption_by_default": default,
            **{name: rule[name] for name in ("bucket_key_enabled",) if name in rule},
        }
    }


def _logging(bucket: Block, block: Block) -> None:
    bucket["logging"] = {name: block[name] for name in ("target_bucket", "target_prefix")}


def _lifecycle(bucket: Block, block: Block) -> None:
    bucket["lifecycle_rule"] = [_lifecycle_rule(rule) for rule in blocks(block["rule"])]


def _lifecycle_rule(rule: Block) -> Block:
    kept = first(rule.get("filter"))
    scope = {**kept, **first(kept.get("and"))}
    old: Block = {"id": rule["id"], "enabled": rule["status"] == "Enabled"}
    if prefix := scope.get("prefix") or rule.get("prefix"):
        old["prefix"] = prefix
    if "tags" in scope:
        old["tags"] = scope["tags"]
    if "abort_incomplete_multipart_upload" in rule:
        days = first(rule["abort_incomplete_multipart_upload"])["days_after_initiation"]
        old["abort_incomplete_multipart_upload_days"] = days
    for name in ("expiration", "transition"):
        if name in rule:
            old[name] = rule[name]
    for name in ("noncurrent_version_expiration", "noncurrent_version_transition"):
        if name in rule:
            old[name] = [_noncurrent(action) for action in blocks(rule[name])]
    return old


def _noncurrent(action: Block) -> Block:
    old = {"days": action["noncurrent_days"]}
    if "storage_class" in action:
        old["storage_class"] = action["storage_class"]
    return old
