"""The database role that writes Celery's results and nothing else: the only database login a worker has."""

from psycopg2 import extensions, sql

from kf_airflow_runtime.refusal import RefusalError

TABLES = ("celery_taskmeta", "celery_tasksetmeta")
SEQUENCES = ("task_id_sequence", "taskset_id_sequence")


def ensure(connection: extensions.connection, username: str, password: str) -> None:
    """Creates the role, or gives the one there is the password, and grants it Celery's tables.

    The caller keeps others from doing the same at the same time. The tables must exist.

    Args:
        connection: To the metadata database, as a role that may create roles. Committed at the end.
        username: The role. It must not be the connection's own.
        password: Its password. Only its SCRAM verifier is sent, as servers may log statements.

    Raises:
        RefusalError: The role is the connection's own.
    """
    if username == connection.info.user:
        raise RefusalError(
            f"KF_AIRFLOW_RESULTS_USERNAME is {username!r}, the database's master user: the results need"
            " a role of their own, or workers could read every connection and password Airflow keeps."
        )
    verifier = extensions.encrypt_password(password, username, connection, "scram-sha-256")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (username,))
        exists = cursor.fetchone() is not None
        for statement in statements(username, verifier, connection.info.dbname, exists=exists):
            cursor.execute(statement)


def create_tables(url: str) -> None:
    """Creates Celery's result tables as they are in the installed Celery, unless they exist.

    Celery would do so at its first result, but the limited role may not.

    Args:
        url: Where, as SQLAlchemy writes it, with a login that may create tables.
    """
    from celery.backends.database import models  # noqa: F401  # declares the tables
    from celery.backends.database.session import SessionManager

    SessionManager().session_factory(url).close()


def statements(username: str, verifier: str, database: str, *, exists: bool) -> list[sql.Composed]:
    """What is executed, in one transaction."""
    role = sql.Identifier(username)
    return [
        sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
            sql.SQL("ALTER" if exists else "CREATE"), role, sql.Literal(verifier)
        ),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(_listed(TABLES), role),
        sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(_listed(SEQUENCES), role),
    ]


def _listed(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("public", name) for name in names)
