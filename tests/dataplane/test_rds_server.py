import base64
import hashlib
import hmac
from dataclasses import replace

import pytest

from localstack_dataplane.rds.model import DbInstance, accounts, scram, server_files

INSTANCE = DbInstance(
    arn="arn:aws:rds:us-east-1:1:db:airflow",
    identifier="airflow",
    status="creating",
    host="airflow.aaaaaaaaaa.us-east-1.rds.amazonaws.com",
    port=5432,
    engine_version="16.4",
    master_username="airflow",
    master_password="s3cr'et",
    database="metadata",
)


def file_of(instance: DbInstance, name: str) -> str:
    return server_files(instance)[f"/etc/backing/{name}"][0].decode()


def test_postgresql_15_and_later_force_tls() -> None:
    assert [replace(INSTANCE, engine_version=version).forces_tls for version in ("14.9", "15.2", "16")] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(("value", "expected"), [("0", False), ("1", True)])
def test_the_parameter_group_decides_over_the_version(value: str, expected: bool) -> None:
    assert replace(INSTANCE, parameters={"rds.force_ssl": value}).forces_tls is expected


def test_forced_tls_leaves_no_way_in_without_it() -> None:
    assert "hostssl all all all scram-sha-256" in file_of(INSTANCE, "pg_hba.conf")
    assert "\nhost all all " not in file_of(INSTANCE, "pg_hba.conf")


def test_without_forced_tls_plain_connections_come_in() -> None:
    relaxed = replace(INSTANCE, parameters={"rds.force_ssl": "0"})
    assert "\nhost all all all scram-sha-256" in file_of(relaxed, "pg_hba.conf")


def test_the_superuser_cannot_connect_over_the_network() -> None:
    lines = file_of(INSTANCE, "pg_hba.conf").splitlines()
    assert lines.index("host all rdsadmin all reject") < lines.index("hostssl all all all scram-sha-256")


def test_the_port_is_that_of_the_api() -> None:
    assert "port = 6000\n" in file_of(replace(INSTANCE, port=6000), "postgresql.conf")


def test_parameters_of_the_group_are_settings() -> None:
    changed = replace(INSTANCE, parameters={"work_mem": "8192", "search_path": "a'b"})
    assert file_of(changed, "parameters.conf") == "search_path = 'a''b'\nwork_mem = '8192'\n"


def test_parameters_of_rds_itself_and_formulas_are_left_out() -> None:
    changed = replace(
        INSTANCE, parameters={"rds.force_ssl": "1", "shared_buffers": "{DBInstanceClassMemory/32768}"}
    )
    assert file_of(changed, "parameters.conf") == ""


def test_the_parameter_group_cannot_switch_tls_off() -> None:
    text = file_of(INSTANCE, "postgresql.conf")
    assert text.index("include") < text.index("ssl = on")


def test_the_master_user_owns_the_initial_database() -> None:
    assert 'CREATE DATABASE "metadata" OWNER "airflow"' in accounts(INSTANCE)


def test_no_initial_database_is_made_without_a_name() -> None:
    assert "CREATE DATABASE" not in accounts(replace(INSTANCE, database=None))


def test_the_master_user_is_no_superuser() -> None:
    statements = accounts(INSTANCE)
    assert 'ALTER ROLE "airflow" LOGIN CREATEDB CREATEROLE PASSWORD' in statements
    assert "SUPERUSER" not in statements


def test_names_with_quotes_stay_names() -> None:
    assert 'CREATE ROLE "a""b"' in accounts(replace(INSTANCE, master_username='a"b'))


def test_the_password_is_not_in_the_statements() -> None:
    assert "s3cr" not in accounts(INSTANCE)


def test_the_password_is_not_in_the_representation() -> None:
    assert "s3cr" not in repr(INSTANCE)


def test_the_verifier_is_the_one_of_rfc_5803() -> None:
    kind, iterations, keys = scram("pencil", salt=b"0123456789abcdef").split("$")
    rounds, salt = iterations.split(":")
    salted = hashlib.pbkdf2_hmac("sha256", b"pencil", base64.b64decode(salt), int(rounds))
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    assert (kind, base64.b64decode(keys.split(":")[0])) == ("SCRAM-SHA-256", stored)


def test_a_verifier_has_a_salt_of_its_own() -> None:
    assert scram("pencil") != scram("pencil")
