"""The rotation of the Fernet key, as docker/README.md describes it."""

from collections.abc import Iterator

import pytest
from airflow_api import AirflowApi
from container_programs import run_in
from cryptography.fernet import Fernet, InvalidToken
from local_system import LocalSystem

pytestmark = pytest.mark.e2e

CONNECTION = "rotated"
PASSWORD = "kept through the rotation"


@pytest.fixture
def connection(airflow: AirflowApi) -> Iterator[str]:
    """A connection whose password is encrypted."""
    airflow.add_connection(CONNECTION, conn_type="http", host="example.org", password=PASSWORD)
    yield CONNECTION
    airflow.delete_connection(CONNECTION)


def rotate(system: LocalSystem, first: str, second: str) -> None:
    """Runs the command by hand in a container, with the environment a task with both keys has."""
    run_in(
        system.container("webserver"),
        *("kf-airflow", "rotate-fernet-key"),
        environment={"AIRFLOW__CORE__FERNET_KEY": f"{first},{second}"},
    )


def decrypted(system: LocalSystem, connection: str, key: str) -> str:
    (token,) = system.psql(f"SELECT password FROM connection WHERE conn_id = '{connection}'")  # noqa: S608
    return Fernet(key).decrypt(token).decode()


def test_the_key_is_rotated_while_tasks_run_and_none_is_lost(
    system: LocalSystem, airflow: AirflowApi, connection: str
) -> None:
    old, new = system.secret("airflow_secret_arn")["fernet_key"], Fernet.generate_key().decode()
    run_id = airflow.trigger("smoke")

    rotate(system, new, old)
    try:
        assert decrypted(system, connection, new) == PASSWORD
        with pytest.raises(InvalidToken):
            decrypted(system, connection, old)
        assert airflow.wait_for_run("smoke", run_id)["state"] == "success"
    finally:
        rotate(system, old, new)
    assert decrypted(system, connection, old) == PASSWORD
