"""The roles of the database, made in real PostgreSQL by a master user with no more rights than RDS's has."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg2
import pytest
from postgres import CELERY, OWN, RESULTS, SERVERS, Database, name_of, running
from psycopg2 import errors

from kf_airflow_runtime import application_role, waiting
from kf_airflow_runtime.refusal import RefusalError


@pytest.fixture(scope="module", params=SERVERS, ids=name_of)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with running(request.param) as address:
        yield address


@pytest.fixture
def database(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(waiting, "_PAUSE_SECONDS", 0.0)
    made = Database(server)
    yield made
    made.drop()


def test_airflow_can_make_what_it_wants_in_its_schema(database: Database) -> None:
    database.migrate()
    database.run(
        database.own,
        "CREATE TABLE dag (id serial PRIMARY KEY)",
        "CREATE TYPE state AS ENUM ('a')",
        "DROP TABLE dag",
        password=OWN,
    )


def test_airflow_s_role_has_no_power_over_the_server(database: Database) -> None:
    database.migrate()
    for statement in (
        'CREATE ROLE "x"',
        'CREATE DATABASE "x"',
        f'ALTER DATABASE "{database.name}" RENAME TO "x"',
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            database.run(database.own, statement, password=OWN)


def test_the_results_role_reads_only_celery_s_tables_and_makes_none(database: Database) -> None:
    database.migrate()
    database.run(database.own, "CREATE TABLE connection (password text)", password=OWN)
    database.run(
        database.results,
        "INSERT INTO celery_taskmeta VALUES (nextval('task_id_sequence'))",
        "SELECT * FROM celery_taskmeta",
        password=RESULTS,
    )
    for statement in ("SELECT * FROM connection", "CREATE TABLE mine (id int)", f'SET ROLE "{database.own}"'):
        with pytest.raises(errors.InsufficientPrivilege):
            database.run(database.results, statement, password=RESULTS)


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    before = database.owners()
    assert database.migrate() == []
    assert database.owners() == before


def test_a_new_password_of_the_secret_is_that_of_the_role(database: Database) -> None:
    database.migrate()
    database.migrate(password="new")
    database.run(database.own, "SELECT 1", password="new")
    with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
        database.connect(database.own, OWN)


def test_a_rotated_master_password_changes_nothing_for_airflow(database: Database) -> None:
    database.migrate()
    database.run(None, f"ALTER ROLE \"{database.master}\" PASSWORD 'rotated'")
    database.run(database.own, "SELECT 1", password=OWN)


def test_what_an_earlier_version_made_as_master_is_handed_over(database: Database) -> None:
    database.run(
        database.master,
        'CREATE TABLE "Dag run" (id serial PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY)',
        'CREATE INDEX by_number ON "Dag run" (number)',
        'CREATE TABLE task (dag int REFERENCES "Dag run") PARTITION BY RANGE (dag)',
        "CREATE TABLE task_1 PARTITION OF task FOR VALUES FROM (0) TO (9)",
        'CREATE VIEW runs AS SELECT * FROM "Dag run"',
        "CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one",
        "CREATE TYPE state AS ENUM ('a')",
        "CREATE FUNCTION new_id(text, int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        *CELERY,
    )
    said = database.migrate()
    assert {owner for _, owner in database.owners()} == {"airflow"}
    assert said == [f"the role {database.own!r} owns 11 things that were the master's"]
    assert database.migrate() == []


def test_processes_that_are_still_logged_in_as_master_go_on(database: Database) -> None:
    database.run(database.master, "CREATE TABLE dag (id serial PRIMARY KEY)")
    with closing(database.connect(database.master)) as old, old, old.cursor() as cursor:
        database.migrate()
        cursor.execute("INSERT INTO dag DEFAULT VALUES")
    database.run(database.own, "CREATE TABLE newer (id int)", "INSERT INTO newer VALUES (1)", password=OWN)
    assert database.run(database.master, "SELECT * FROM newer") == [(1,)]


def test_a_table_in_use_is_waited_for(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application_role, "_LOCK_TIMEOUT", "100ms")
    database.run(database.master, "CREATE TABLE dag (id int)")
    said: list[str] = []
    with (
        closing(database.connect(database.master)) as user,
        closing(database.connect(database.master)) as other,
    ):
        with user.cursor() as cursor:
            cursor.execute("SELECT * FROM dag")

        def report(sentence: str) -> None:
            said.append(sentence)
            user.rollback()

        application_role.ensure(other, database.own, OWN)
        application_role.hand_over(other, database.own, time.monotonic() + 20, report)
    assert "canceling statement due to lock timeout" in said[0]
    assert ("dag", "airflow") in database.owners()


def test_a_table_in_use_for_too_long_is_named(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application_role, "_LOCK_TIMEOUT", "100ms")
    database.run(database.master, "CREATE TABLE dag (id int)")
    said: list[str] = []
    with (
        closing(database.connect(database.master)) as user,
        closing(database.connect(database.master)) as other,
    ):
        with user.cursor() as cursor:
            cursor.execute("SELECT * FROM dag")
        application_role.ensure(other, database.own, OWN)
        with pytest.raises(waiting.TooLateError, match="waiting for the lock for `ALTER TABLE dag OWNER TO"):
            application_role.hand_over(other, database.own, time.monotonic() - 1, said.append)


def test_what_belongs_to_others_is_left_to_them(database: Database) -> None:
    database.run(
        None,
        "CREATE TABLE audit (id int)",
        f'GRANT ALL ON SCHEMA public TO "{database.master}"',
    )
    database.run(database.master, "CREATE SCHEMA another", "CREATE TABLE another.mine (id int)")
    database.migrate()
    assert ("audit", "rdsadmin") in database.owners() or ("audit", "postgres") in database.owners()
    owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'mine'"
    assert database.run(None, owner) == [(database.master,)]


def test_the_master_still_owns_the_database(database: Database) -> None:
    database.migrate()
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert database.run(None, owner) == [(database.master,)]


def test_a_database_of_before_postgresql_15_no_longer_lets_everyone_make_tables(database: Database) -> None:
    database.run(None, "GRANT CREATE ON SCHEMA public TO PUBLIC")
    database.migrate()
    with pytest.raises(errors.InsufficientPrivilege):
        database.run(database.results, "CREATE TABLE mine (id int)", password=RESULTS)


def test_the_master_may_still_change_the_roles_after_an_upgrade_to_postgresql_16(database: Database) -> None:
    database.migrate()
    options = database.run(
        database.master,
        "SELECT pg_get_userbyid(roleid) FROM pg_auth_members"
        " WHERE admin_option AND member = current_user::regrole ORDER BY 1",
    )
    assert options == [(database.own,), (database.results,)]


@pytest.mark.parametrize("power", ["SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS"])
@pytest.mark.parametrize("role", ["own", "results"])
def test_an_administrator_is_not_taken_for_a_role_of_airflow(
    database: Database, role: str, power: str
) -> None:
    name = getattr(database, role)
    database.run(None, f"CREATE ROLE \"{name}\" LOGIN {power} PASSWORD 'theirs'")
    with pytest.raises(
        RefusalError, match=f"a role that exists and is {power}: allowed are a new role and one"
    ):
        database.migrate()
    database.run(name, "SELECT 1", password="theirs")


def test_a_member_of_rds_s_administrators_is_not_taken_for_airflow_s_role(database: Database) -> None:
    with suppress(errors.DuplicateObject):
        database.run(None, "CREATE ROLE rds_superuser")
    database.run(None, f'CREATE ROLE "{database.own}" LOGIN', f'GRANT rds_superuser TO "{database.own}"')
    with pytest.raises(RefusalError, match="is member of rds_superuser"):
        database.migrate()


def test_a_results_role_that_may_do_more_by_another_is_refused(database: Database) -> None:
    database.run(None, f'CREATE ROLE "{database.results}"', f'GRANT pg_read_all_data TO "{database.results}"')
    with pytest.raises(RefusalError, match="is member of pg_read_all_data"):
        database.migrate()


def test_a_master_that_may_create_no_roles_is_told_what_it_needs(database: Database) -> None:
    database.run(None, f'ALTER ROLE "{database.master}" NOCREATEROLE')
    with pytest.raises(
        RefusalError, match=r"cannot make the roles of Airflow: .*It must own the database and"
    ):
        database.migrate()


def test_a_master_that_does_not_own_the_database_is_told_what_it_needs(database: Database) -> None:
    database.run(None, f'ALTER DATABASE "{database.name}" OWNER TO CURRENT_USER')
    with pytest.raises(RefusalError, match=r"must be owner of schema public.*It must own the database and"):
        database.migrate()


def test_an_owner_that_gave_the_schema_before_needs_not_own_the_database(database: Database) -> None:
    database.migrate()
    database.run(None, f'ALTER DATABASE "{database.name}" OWNER TO CURRENT_USER')
    database.migrate()
