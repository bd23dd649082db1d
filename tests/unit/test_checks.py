import pytest

from kf_airflow import checks


@pytest.mark.parametrize("days", [0, 7, 30])
def test_a_window_in_which_a_secret_can_be_had_back_is_returned(days: int) -> None:
    assert checks.recovery_window("days", days) == days


@pytest.mark.parametrize("days", [-1, 1, 6, 31])
def test_a_window_that_secrets_manager_does_not_have_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match=f"days is {days}: allowed are 0 and 7 to 30"):
        checks.recovery_window("days", days)


@pytest.mark.parametrize(
    "value", ["", "Kids First / strides_1", "M\u00fcller+k@example.org", "${data.x.y.z}#"]
)
def test_what_a_tag_may_be_is_taken(value: str) -> None:
    checks.tag("owner", value)


@pytest.mark.parametrize("value", ["a#b", "a\nb", "'a'", "a" * 257])
def test_what_a_tag_may_not_be_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"owner is .*: allowed are letters, digits, spaces and any of"):
        checks.tag("owner", value)


@pytest.mark.parametrize("value", ["logs", "logs.example.org", "1-a", "a" * 63, "${aws_s3_bucket.it.id}"])
def test_what_a_bucket_may_be_called_is_taken(value: str) -> None:
    checks.bucket("bucket_name", value)


@pytest.mark.parametrize(
    "value", ["", "ab", "Logs", "a_b", "a..b", "-ab", "ab-", "192.0.2.1", "xn--a", "a" * 64]
)
def test_what_a_bucket_may_not_be_called_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"bucket_name is .*: allowed are names of buckets"):
        checks.bucket("bucket_name", value)


@pytest.mark.parametrize("value", ["", "Execution API", "Logs (8793), of ${each.key}"])
def test_what_a_rule_may_be_described_as_is_returned(value: str) -> None:
    assert checks.rule_description("description", value) == value


@pytest.mark.parametrize("value", ["The workers' page", "caf\u00e9", "a\nb", "a" * 256])
def test_what_a_rule_may_not_be_described_as_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"description is .*: allowed are letters, digits, spaces and any"):
        checks.rule_description("description", value)
