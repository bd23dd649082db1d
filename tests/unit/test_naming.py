import pytest

from kf_airflow import naming


def test_log_groups_state_and_names_follow_the_kids_first_conventions() -> None:
    assert [
        naming.log_group_prefix(environment="qa", app="kf-airflow"),
        naming.state_bucket("example"),
        naming.state_key(environment="qa", project="kf-airflow", region="us-east-1"),
    ] == ["apps-qa/kf-airflow", "example-remote-state-files", "qa/kf-airflow-us-east-1-RSF"]


def test_the_private_zone_is_in_the_domain_reserved_for_it() -> None:
    assert naming.namespace("kf-airflow-dev") == "kf-airflow-dev.internal"


@pytest.mark.parametrize("name", ["a", "kf-airflow-dev", "x" * 24])
def test_a_name_every_resource_can_bear_is_taken(name: str) -> None:
    assert naming.checked_name(name) == name


@pytest.mark.parametrize("name", ["", "1a", "Kf", "kf--a", "kf-", "kf_a", "x" * 25])
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"name is '{name}': allowed are lower-case letters"):
        naming.checked_name(name)


def test_a_service_may_have_eight_characters_more() -> None:
    assert naming.checked_service_name("x" * 32) == "x" * 32


@pytest.mark.parametrize("name", ["dataservice", "data_service_2", "Studies", "x" * 63])
def test_a_database_name_that_rds_takes_is_taken(name: str) -> None:
    assert naming.checked_database_name(name) == name


@pytest.mark.parametrize("name", ["", "1a", "data-service", "_a", "x" * 64])
def test_a_database_name_with_other_characters_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"database_name is '{name}': allowed are letters"):
        naming.checked_database_name(name)


@pytest.mark.parametrize("name", ["admin", "Admin", "rdsadmin", "template1", "pg_a", "rds_a"])
def test_a_database_name_that_is_reserved_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"database_name is '{name}': allowed are names that neither"):
        naming.checked_database_name(name)
