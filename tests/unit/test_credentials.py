import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import Credentials, KeyRef


@pytest.fixture(scope="module")
def minimal() -> Synthesized:
    return synthesize(lambda stack: Credentials(stack, "credentials", name="kf"))


def test_minimal_credentials_are_a_secret_for_each_concern(minimal: Synthesized) -> None:
    secrets = {
        secret["name"]: secret["recovery_window_in_days"]
        for secret in minimal.all("aws_secretsmanager_secret")
    }

    assert secrets == dict.fromkeys(("kf/airflow", "kf/metadata", "kf/results", "kf/admin", "kf/flower"), 30)


def test_values_are_written_once_and_never_kept(minimal: Synthesized) -> None:
    versions = minimal.all("aws_secretsmanager_secret_version")

    assert {(frozenset(version), version["secret_string_wo_version"]) for version in versions} == {
        (frozenset({"secret_id", "secret_string_wo", "secret_string_wo_version"}), 1)
    }


def test_every_random_value_is_ephemeral(minimal: Synthesized) -> None:
    passwords = minimal.document["ephemeral"]["aws_secretsmanager_random_password"]

    assert {name: password["password_length"] for name, password in passwords.items()} == {
        "credentials_fernet-key": 32,
        "credentials_api-secret-key": 64,
        "credentials_jwt-secret": 64,
        "credentials_metadata-password": 32,
        "credentials_results-password": 32,
        "credentials_admin-password": 32,
        "credentials_flower-password": 32,
    }


def test_a_fernet_key_is_32_bytes_in_base64(minimal: Synthesized) -> None:
    value = minimal.at("credentials/airflow-value")["secret_string_wo"]

    assert value.startswith(
        '${jsonencode({"fernet_key" = base64encode(ephemeral.aws_secretsmanager_random_password.'
        "credentials_fernet-key.random_password), "
    )


def test_a_login_is_a_name_and_a_random_password(minimal: Synthesized) -> None:
    assert minimal.at("credentials/admin-value")["secret_string_wo"] == (
        '${jsonencode({"username" = "admin", "password" = '
        "ephemeral.aws_secretsmanager_random_password.credentials_admin-password.random_password})}"
    )


def test_airflow_has_a_login_of_its_own_that_rds_does_not_rotate(minimal: Synthesized) -> None:
    assert '"username" = "airflow_metadata"' in minimal.at("credentials/metadata-value")["secret_string_wo"]


def test_full_credentials_have_another_administrator_and_go_at_once() -> None:
    credentials = synthesize(
        lambda stack: Credentials(
            stack, "credentials", name="kf", admin_username="root", recovery_window_days=0
        )
    )

    assert '"username" = "root"' in credentials.at("credentials/admin-value")["secret_string_wo"]
    assert credentials.at("credentials/admin")["recovery_window_in_days"] == 0


def test_credentials_are_encrypted_with_a_key_that_is_brought() -> None:
    key = KeyRef(arn="arn:key")
    credentials = synthesize(lambda stack: Credentials(stack, "credentials", name="kf", key=key))

    assert {secret["kms_key_id"] for secret in credentials.all("aws_secretsmanager_secret")} == {"arn:key"}


def test_an_administrator_terraform_would_have_to_quote_is_refused() -> None:
    with pytest.raises(ValueError, match="admin_username is 'a\"b': allowed are letters"):
        synthesize(lambda stack: Credentials(stack, "credentials", name="kf", admin_username='a"b'))


def test_a_recovery_window_secrets_manager_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="recovery_window_days is 31: allowed are 0 and 7 to 30"):
        synthesize(lambda stack: Credentials(stack, "credentials", name="kf", recovery_window_days=31))
