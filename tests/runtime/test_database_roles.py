"""The roles of the database, made in real PostgreSQL by a master user with no more rights than RDS's has.

Servers: every PostgreSQL installed as Debian does it, and the one in KF_AIRFLOW_TEST_POSTGRES (the URL of a
superuser), if it is set. Without any the tests are skipped; the end-to-end tests make the same roles.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from psycopg2 import errors, extensions, sql

from kf_airflow_runtime import application_role, results_role, waiting
from kf_airflow_runtime.refusal import RefusalError

SERVERS = [str(path.parent) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
if "KF_AIRFLOW_TEST_POSTGRES" in os.environ:
    SERVERS.append(os.environ["KF_AIRFLOW_TEST_POSTGRES"])
NOBODY = 65534
MASTER, OWN, RESULTS = "m", "o", "r"

pytestmark = pytest.mark.skipif(not SERVERS, reason="no PostgreSQL is installed")


class Database:
    """A database of its own for each test, with roles of its own, as their names are shared by a server."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.id = uuid4().hex[:8]
        self.name = f"air flow {self.id}"
        self.master, self.own, self.results = (
            f"{role}-{self.id}" for role in ("master", "airflow", "celery")
        )
        self.run(
            None,
            # As RDS makes it: no superuser, and owner of the database that was asked for.
            f"CREATE ROLE \"{self.master}\" LOGIN CREATEDB CREATEROLE PASSWORD 'm'",
            f'CREATE DATABASE "{self.name}" OWNER "{self.master}"',
            database="postgres",
        )

    def connect(
        self, role: str | None, password: str = MASTER, database: str | None = None
    ) -> extensions.connection:
        login = {"user": role, "password": password} if role else {}
        return psycopg2.connect(self.server, dbname=database or self.name, **login)

    def run(
        self, role: str | None, *statements: Any, password: str = MASTER, database: str | None = None
    ) -> list[Any]:
        """Executes each statement for itself and returns the rows of the last; None is the superuser."""
        with closing(self.connect(role, password, database)) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def migrate(self, password: str = OWN) -> list[str]:
        """What `migrate` does to the database, in its order, and what it said."""
        said: list[str] = []
        with closing(self.connect(self.master)) as connection:
            application_role.ensure(connection, self.own, password)
            application_role.hand_over(connection, self.own, time.monotonic() + 20, said.append)
            self.run(self.own, *CELERY, password=password)
            results_role.ensure(connection, self.results, RESULTS)
        return said

    def owners(self) -> set[tuple[str, str]]:
        """Things in the schema, and who owns them by the first word of the role's name."""
        return {
            (name, owner.partition("-")[0])
            for name, owner in self.run(
                None,
                "SELECT relname, pg_get_userbyid(relowner) FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace"
                " UNION SELECT typname, pg_get_userbyid(typowner) FROM pg_type"
                " WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'"
                " UNION SELECT proname, pg_get_userbyid(proowner) FROM pg_proc"
                " WHERE pronamespace = 'public'::regnamespace",
            )
        }


CELERY = tuple(
    f"CREATE {kind} IF NOT EXISTS {name}"
    for kind, name in (
        ("TABLE", "celery_taskmeta (id integer PRIMARY KEY)"),
        ("TABLE", "celery_tasksetmeta (id integer PRIMARY KEY)"),
        ("SEQUENCE", "task_id_sequence"),
        ("SEQUENCE", "taskset_id_sequence"),
    )
)


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server, where the superuser gets in."""
    if "://" in request.param:
        yield request.param
        return
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        # PostgreSQL does not run as root.
        user: dict[str, Any] = (
            {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        )
        if user:
            shutil.chown(folder, NOBODY, NOBODY)
        data = f"{folder}/data"
        subprocess.run(
            [f"{request.param}/initdb", "-D", data, "-U", "rdsadmin", "-A", "trust", "--no-sync"],
            check=True,
            capture_output=True,
            timeout=60,
            **user,
        )
        access = "local all rdsadmin trust\nlocal all all scram-sha-256\n"
        (Path(data) / "pg_hba.conf").write_text(access)
        process = subprocess.Popen(
            [
                f"{request.param}/postgres",
                "-D",
                data,
                "-c",
                f"unix_socket_directories={folder}",
                "-F",
                "-h",
                "",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **user,
        )
        try:
            address = f"postgresql://rdsadmin@/postgres?host={folder}"
            wait_for(address)
            yield address
        finally:
            process.terminate()
            process.wait(20)


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        with suppress(psycopg2.OperationalError):
            psycopg2.connect(address).close()
            return
        assert time.monotonic() < deadline, f"{address} does not answer"
        time.sleep(0.1)


@pytest.fixture
def database(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(waiting, "_PAUSE_SECONDS", 0.0)
    made = Database(server)
    yield made
    roles = made.run(
        None,
        sql.SQL("SELECT rolname FROM pg_roles WHERE rolname LIKE {}").format(sql.Literal(f"%-{made.id}")),
        database="postgres",
    )
    made.run(None, f'DROP DATABASE "{made.name}" WITH (FORCE)', database="postgres")
    # A role goes before those that gave it something.
    for (role,) in sorted(roles, key=lambda row: row[0].startswith("master")):
        made.run(
            None,
            sql.SQL("DROP OWNED BY {r}; DROP ROLE {r}").format(r=sql.Identifier(role)),
            database="postgres",
        )


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
    with (
        closing(database.connect(database.master)) as user,
        closing(database.connect(database.master)) as other,
    ):
        with user.cursor() as cursor:
            cursor.execute("SELECT * FROM dag")
        application_role.ensure(other, database.own, OWN)
        with pytest.raises(waiting.TooLateError, match="waiting for the lock for `ALTER TABLE dag OWNER TO"):
            application_role.hand_over(other, database.own, time.monotonic() - 1, [].append)


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
