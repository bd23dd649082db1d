from typing import Any

import pytest

from kf_airflow import Container, Extras, Permission, SecretKey


def test_nothing_is_added_by_default() -> None:
    extras = Extras()

    assert (extras.environment, extras.secrets, extras.sidecars, extras.permissions) == ({}, {}, (), ())


def test_a_sidecar_says_how_much_memory_it_has() -> None:
    with pytest.raises(ValueError, match="sidecars has 'agent' without memory_mib: allowed are sidecars"):
        Extras(sidecars=(Container(name="agent", image="agent:1"),))


def test_a_secret_does_not_take_the_place_of_the_library_s() -> None:
    key = SecretKey(secret_arn="arn:s", key="password")

    with pytest.raises(
        ValueError, match="secrets has 'KF_AIRFLOW_BROKER_PASSWORD': allowed are names that do"
    ):
        Extras(secrets={"KF_AIRFLOW_BROKER_PASSWORD": key})


def test_two_sidecars_of_one_name_are_refused() -> None:
    agent = Container(name="agent", image="agent:1", memory_mib=64)

    with pytest.raises(ValueError, match="sidecars has 'agent' twice: allowed is each name once"):
        Extras(sidecars=(agent, agent))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"actions": ()}, "actions is empty: allowed is one or more"),
        ({"resources": ()}, "resources is empty: allowed is one or more"),
        ({"actions": ("*",)}, r"actions has '\*': allowed are actions of IAM"),
        ({"actions": ("s3:*",)}, r"actions has 's3:\*': allowed are actions of IAM"),
        ({"resources": ("bucket",)}, r"resources has 'bucket': allowed are ARNs, and '\*' alone"),
    ],
)
def test_a_permission_that_allows_all_or_nothing_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Permission(**{"actions": ("batch:SubmitJob",), "resources": ("*",), **values})
