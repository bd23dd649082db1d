import json

import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import Key, KeyOptions


@pytest.fixture(scope="module")
def minimal() -> Synthesized:
    return synthesize(lambda stack: Key(stack, "key", name="kf"))


def test_a_minimal_key_rotates_and_can_be_had_back_for_a_month(minimal: Synthesized) -> None:
    key = minimal.only("aws_kms_key")

    assert (key["enable_key_rotation"], key["deletion_window_in_days"]) == (True, 30)


def test_its_alias_is_its_name(minimal: Synthesized) -> None:
    assert minimal.only("aws_kms_alias")["name"] == "alias/kf"


def test_the_account_administers_it(minimal: Synthesized) -> None:
    account, _ = json.loads(minimal.only("aws_kms_key")["policy"])["Statement"]

    assert account["Action"] == "kms:*"
    assert account["Principal"]["AWS"].endswith(".account_id}:root")


def test_cloudwatch_uses_it_for_log_groups_of_the_account_and_region_alone(minimal: Synthesized) -> None:
    _, logs = json.loads(minimal.only("aws_kms_key")["policy"])["Statement"]
    (pattern,) = logs["Condition"]["StringLike"].values()

    assert logs["Principal"]["Service"].startswith("logs.${data.aws_region.")
    assert pattern.endswith(".account_id}:log-group:*")


def test_a_full_key_can_be_had_back_for_as_long_as_asked() -> None:
    key = synthesize(lambda stack: Key(stack, "key", name="kf", options=KeyOptions(deletion_window_days=7)))

    assert key.only("aws_kms_key")["deletion_window_in_days"] == 7


def test_a_name_kms_does_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match="name is 'kf/1': allowed are lower-case letters"):
        synthesize(lambda stack: Key(stack, "key", name="kf/1"))
