import pytest

from kf_airflow_runtime import connections, entrypoint, variables
from kf_airflow_runtime.refusal import RefusalError


def test_a_complete_environment_is_accepted(environ: dict[str, str]) -> None:
    variables.require(environ, connections.DATABASE)


def test_an_empty_value_counts_as_missing(environ: dict[str, str]) -> None:
    environ["KF_AIRFLOW_DATABASE_PASSWORD"] = ""
    with pytest.raises(
        RefusalError, match="KF_AIRFLOW_DATABASE_PASSWORD is not set: it comes from the `secrets`"
    ):
        variables.require(environ, connections.DATABASE_LOGIN)


def test_every_variable_that_a_command_needs_has_someone_who_sets_it() -> None:
    needed = {name for command in entrypoint.COMMANDS.values() for name in command.needs()}
    assert needed | {connections.BROKER_PASSWORD} == set(variables.SET_BY)


def test_raw_secrets_are_logins_and_nothing_else(environ: dict[str, str]) -> None:
    gone = set(environ) - set(variables.without_raw_secrets(environ))
    assert gone == {
        f"KF_AIRFLOW_{login}_{part}"
        for login in ("DATABASE", "MASTER", "RESULTS", "ADMIN", "FLOWER")
        for part in ("USERNAME", "PASSWORD")
    } | {"KF_AIRFLOW_BROKER_PASSWORD"}


@pytest.mark.parametrize("value", ["0", "65536", "-1", "5432 ", "redis"])
def test_what_is_no_port_is_refused_with_its_value(value: str) -> None:
    with pytest.raises(
        RefusalError, match=f"KF_AIRFLOW_BROKER_PORT is '{value}': it must be a port, 1 to 65535"
    ):
        variables.port({"KF_AIRFLOW_BROKER_PORT": value}, "KF_AIRFLOW_BROKER_PORT")


@pytest.mark.parametrize(("value", "meaning"), [("true", True), ("True", True), ("false", False)])
def test_a_flag_is_true_or_false_in_any_case(value: str, meaning: bool) -> None:
    assert variables.flag({"KF_AIRFLOW_BROKER_TLS": value}, "KF_AIRFLOW_BROKER_TLS") is meaning


def test_what_is_no_flag_is_refused_with_its_value() -> None:
    with pytest.raises(RefusalError, match="KF_AIRFLOW_BROKER_TLS is 'yes': it must be true or false"):
        variables.flag({"KF_AIRFLOW_BROKER_TLS": "yes"}, "KF_AIRFLOW_BROKER_TLS")
