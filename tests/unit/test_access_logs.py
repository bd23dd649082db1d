import json
from typing import Any

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import AccessLogOptions, AccessLogs
from kf_airflow.refs import BucketRef


@pytest.fixture(scope="module")
def minimal() -> Synthesized:
    return synthesize(lambda stack: AccessLogs(stack, "access-logs", name="kf"))


@pytest.fixture(scope="module")
def statements(minimal: Synthesized) -> dict[str, dict[str, Any]]:
    policy = json.loads(minimal.only("aws_s3_bucket_policy")["policy"])
    return {statement["Sid"]: statement for statement in policy["Statement"]}


def test_a_minimal_bucket_is_named_by_aws_and_kept(minimal: Synthesized) -> None:
    assert minimal.only("aws_s3_bucket") == {"bucket_prefix": "kf-access-logs-", "force_destroy": False}


def test_it_is_encrypted_with_keys_load_balancers_can_use(minimal: Synthesized) -> None:
    (rule,) = minimal.only("aws_s3_bucket_server_side_encryption_configuration")["rule"]

    assert rule == {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}


def test_it_is_closed_to_the_public_and_keeps_versions(minimal: Synthesized) -> None:
    block = minimal.only("aws_s3_bucket_public_access_block")

    assert {value for key, value in block.items() if key != "bucket"} == {True}
    assert minimal.only("aws_s3_bucket_versioning")["versioning_configuration"] == {"status": "Enabled"}


def test_its_logs_are_deleted_after_a_year(minimal: Synthesized) -> None:
    rule, _ = minimal.only("aws_s3_bucket_lifecycle_configuration")["rule"]

    assert rule["expiration"] == [{"days": 365}]


def test_it_refuses_requests_without_tls(statements: dict[str, dict[str, Any]]) -> None:
    assert statements["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_load_balancers_write_below_the_account_s_number_alone(
    statements: dict[str, dict[str, Any]],
) -> None:
    resources = statements["LoadBalancerLogs"]["Resource"]

    assert {path.rpartition("/AWSLogs/")[0].partition(".arn}")[2] for path in resources} == {
        "/access",
        "/access/*",
    }
    assert all(path.endswith(".account_id}/*") for path in resources)


def test_s3_writes_for_buckets_of_the_account_alone(statements: dict[str, dict[str, Any]]) -> None:
    statement = statements["BucketLogs"]

    assert statement["Resource"][0].endswith(".arn}/access/s3/*")
    assert statement["Condition"]["StringEquals"]["aws:SourceAccount"].endswith(".account_id}")
    assert statement["Condition"]["ArnLike"]["aws:SourceArn"].endswith(".partition}:s3:::*")


def test_who_uses_it_waits_for_its_policy() -> None:
    refs: list[BucketRef] = []
    synthesize(lambda stack: refs.append(AccessLogs(stack, "access-logs", name="kf").ref))

    assert refs[0].prefix == "access"
    assert "TfToken" in refs[0].name


def test_a_full_bucket_is_as_it_was_asked_for() -> None:
    options = AccessLogOptions(retention_days=30, force_destroy=True)
    logs = synthesize(lambda stack: AccessLogs(stack, "access-logs", name="kf", options=options))
    rule, _ = logs.only("aws_s3_bucket_lifecycle_configuration")["rule"]

    assert logs.only("aws_s3_bucket")["force_destroy"] is True
    assert rule["expiration"] == [{"days": 30}]


def test_a_name_s3_does_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match="name is 'k_f': allowed are lower-case letters"):
        synthesize(lambda stack: AccessLogs(stack, "access-logs", name="k_f"))
