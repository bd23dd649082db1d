import json

import pytest
from cdktf import TerraformStack
from synthesis import Synthesized, Visitor, synthesize

from kf_airflow import BucketRef, KeyRef, Storage, StorageOptions


@pytest.fixture(scope="module")
def minimal() -> Synthesized:
    return synthesize(lambda stack: Storage(stack, "storage", name="kf"))


def test_a_minimal_bucket_is_named_by_aws_and_kept(minimal: Synthesized) -> None:
    assert minimal.only("aws_s3_bucket") == {"bucket_prefix": "kf-logs-", "force_destroy": False}


def test_it_is_closed_to_the_public(minimal: Synthesized) -> None:
    block = minimal.only("aws_s3_bucket_public_access_block")

    assert {key: value for key, value in block.items() if key != "bucket"} == {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }


def test_it_is_encrypted(minimal: Synthesized) -> None:
    assert minimal.only("aws_s3_bucket_server_side_encryption_configuration")["rule"] == [
        {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    ]


def test_it_keeps_versions(minimal: Synthesized) -> None:
    assert minimal.only("aws_s3_bucket_versioning")["versioning_configuration"] == {"status": "Enabled"}


def test_it_refuses_requests_without_tls(minimal: Synthesized) -> None:
    (statement,) = json.loads(minimal.only("aws_s3_bucket_policy")["policy"])["Statement"]

    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_logs_expire_and_archives_of_dags_do_not(minimal: Synthesized) -> None:
    expire, clear = minimal.only("aws_s3_bucket_lifecycle_configuration")["rule"]

    assert (expire["expiration"], expire["filter"]) == ([{"days": 365}], [{"prefix": "logs/"}])
    assert "expiration" not in clear


def test_old_versions_of_everything_expire(minimal: Synthesized) -> None:
    _, clear = minimal.only("aws_s3_bucket_lifecycle_configuration")["rule"]

    assert (clear["noncurrent_version_expiration"], clear["filter"]) == (
        [{"noncurrent_days": 30}],
        [{"prefix": ""}],
    )


def test_a_full_bucket_is_as_it_was_asked_for() -> None:
    options = StorageOptions(bucket_name="mine", expiration_days=10, noncurrent_days=1, force_destroy=True)
    storage = synthesize(lambda stack: Storage(stack, "storage", name="kf", options=options))

    assert storage.only("aws_s3_bucket") == {"bucket": "mine", "force_destroy": True}


def test_a_bucket_is_encrypted_with_a_key_that_is_brought() -> None:
    storage = synthesize(lambda stack: Storage(stack, "storage", name="kf", key=KeyRef(arn="arn:key")))

    assert storage.only("aws_s3_bucket_server_side_encryption_configuration")["rule"] == [
        {
            "apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms",
                "kms_master_key_id": "arn:key",
            },
            "bucket_key_enabled": True,
        }
    ]


def test_it_is_not_logged_who_uses_it_at_first(minimal: Synthesized) -> None:
    assert minimal.all("aws_s3_bucket_logging") == []


def test_it_is_logged_who_uses_it_in_a_bucket_that_is_brought() -> None:
    logs = BucketRef(name="logs", arn="arn:logs", prefix="access")
    storage = synthesize(lambda stack: Storage(stack, "storage", name="kf", access_logs=logs))
    logging = storage.only("aws_s3_bucket_logging")

    assert (logging["target_bucket"], logging["target_prefix"]) == ("logs", "access/s3/kf/")


def test_it_is_logged_who_uses_it_in_a_bucket_that_the_options_name() -> None:
    options = StorageOptions(access_log_bucket="logs")
    storage = synthesize(lambda stack: Storage(stack, "storage", name="kf", options=options))
    logging = storage.only("aws_s3_bucket_logging")

    assert (logging["target_bucket"], logging["target_prefix"]) == ("logs", "s3/kf/")


def test_a_reader_may_read_and_list() -> None:
    visitor = Visitor()
    storage = synthesize(lambda stack: Storage(stack, "storage", name="kf").grant_read(visitor))

    assert set(storage.statements("storage/read-by-visitor")) == {"ReadObjects", "ListObjects"}
    assert visitor.awaited == ["read-by-visitor"]


def test_a_writer_may_write_too_below_the_prefix_alone() -> None:
    storage = synthesize(lambda stack: Storage(stack, "storage", name="kf").grant_read_write(Visitor()))
    statements = storage.statements("storage/written-by-visitor")

    assert set(statements) == {"ReadObjects", "ListObjects", "WriteObjects"}
    assert statements["WriteObjects"]["Resource"][0].endswith(".arn}/logs/*")


def test_a_reader_may_decrypt_through_s3_and_a_writer_encrypt_too() -> None:
    def place(stack: TerraformStack) -> None:
        storage = Storage(stack, "storage", name="kf", key=KeyRef(arn="arn:key"))
        storage.grant_read(Visitor(name="reader"))
        storage.grant_read_write(Visitor(name="writer"))

    storage = synthesize(place)
    actions = [
        storage.statements(f"storage/{id_}")["KeyThroughS3"]["Action"]
        for id_ in ("read-by-reader", "written-by-writer")
    ]

    assert actions == [["kms:Decrypt"], ["kms:Decrypt", "kms:GenerateDataKey"]]


def test_two_places_for_access_logs_are_refused() -> None:
    options = StorageOptions(access_log_bucket="one")
    logs = BucketRef(name="two", arn="arn:two")

    with pytest.raises(ValueError, match="access_log_bucket is 'one': allowed is it or access_logs"):
        synthesize(lambda stack: Storage(stack, "storage", name="kf", options=options, access_logs=logs))


def test_a_name_s3_does_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match="name is 'k_f': allowed are lower-case letters"):
        synthesize(lambda stack: Storage(stack, "storage", name="k_f"))
