import pytest
from synthesis import Synthesized, synthesize

from kf_airflow import DatabaseLogin, KeyRef


@pytest.fixture(scope="module")
def minimal() -> Synthesized:
    return synthesize(lambda stack: DatabaseLogin(stack, "login", name="kf", username="api"))


def test_minimal_login_is_one_secret_called_by_its_id(minimal: Synthesized) -> None:
    secret = minimal.only("aws_secretsmanager_secret")

    assert (secret["name"], secret["recovery_window_in_days"]) == ("kf/login", 30)


def test_the_password_is_random_and_never_kept(minimal: Synthesized) -> None:
    assert minimal.only("aws_secretsmanager_secret_version")["secret_string_wo"] == (
        '${jsonencode({"username" = "api", "password" = '
        "ephemeral.aws_secretsmanager_random_password.login_password.random_password})}"
    )


def test_a_full_login_has_a_key_that_containers_may_use() -> None:
    logins = []
    stack = synthesize(
        lambda stack: logins.append(
            DatabaseLogin(
                stack,
                "login",
                name="kf",
                username="api",
                recovery_window_days=0,
                key=KeyRef(arn="arn:key"),
            )
        )
    )
    secret = stack.only("aws_secretsmanager_secret")

    assert (secret["kms_key_id"], secret["recovery_window_in_days"]) == ("arn:key", 0)
    assert {logins[0].username.key_arn, logins[0].password.key_arn} == {"arn:key"}


def test_containers_get_name_and_password_of_the_same_secret() -> None:
    logins = []
    synthesize(lambda stack: logins.append(DatabaseLogin(stack, "login", name="kf", username="api")))

    assert [logins[0].username.key, logins[0].password.key] == ["username", "password"]
    assert logins[0].username.secret_arn == logins[0].password.secret_arn


@pytest.mark.parametrize("username", ['a"b', "Api", "1api", "pg_api", "", "a" * 64, "a-b"])
def test_a_name_that_postgresql_would_take_otherwise_is_refused(username: str) -> None:
    with pytest.raises(ValueError, match=r"username is .*: allowed are lower-case letters"):
        synthesize(lambda stack: DatabaseLogin(stack, "login", name="kf", username=username))


def test_a_recovery_window_secrets_manager_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="recovery_window_days is 31: allowed are 0 and 7 to 30"):
        synthesize(
            lambda stack: DatabaseLogin(stack, "login", name="kf", username="api", recovery_window_days=31)
        )
