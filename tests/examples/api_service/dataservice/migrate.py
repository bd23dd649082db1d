"""The process that makes the tables, and the role that everything else logs in with."""

import os

import psycopg
from psycopg import sql

from dataservice.records import TABLES
from dataservice.settings import Settings

# Of two that run at once, one waits.
_LOCK = 6277101


def run(settings: Settings) -> None:
    """Migrates, with the master login; what is there already stays."""
    name, secret = os.environ["API_USER"], os.environ["API_PASS"]
    role = sql.Identifier(name)
    with psycopg.connect(settings.database) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
        # What is sent is what PostgreSQL stores, so that no log has the password.
        password = connection.pgconn.encrypt_password(secret.encode(), name.encode(), b"scram-sha-256")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                sql.SQL("ALTER" if known else "CREATE"), role, sql.Literal(password.decode())
            )
        )
        connection.execute(TABLES)
        connection.execute(sql.SQL("GRANT SELECT, INSERT ON counts, totals TO {}").format(role))
    print("The tables and the role are there.", flush=True)
