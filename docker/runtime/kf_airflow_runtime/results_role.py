"""The database role that writes Celery's results and nothing else: the only database login a worker has."""

from psycopg2 import extensions, sql

from kf_airflow_runtime import roles

VARIABLE = "KF_AIRFLOW_RESULTS_USERNAME"
TABLES = ("celery_taskmeta", "celery_tasksetmeta")
SEQUENCES = ("task_id_sequence", "taskset_id_sequence")


def ensure(connection: extensions.connection, username: str, password: str) -> None:
    """Creates the role, or gives the one there is the password, and grants it Celery's tables.

    The caller keeps others from doing the same at the same time. The tables must exist.

    Args:
        connection: To the metadata database, as a role that may create roles and is a member of the tables'
            owner. Committed at the end.
        username: The role.
        password: Its password.

    Raises:
        RefusalError: The connection's role may not do that, or the role has more rights than it should.
    """
    with roles.lacking_privileges_refused(connection), connection, connection.cursor() as cursor:
        roles.ensure(connection, VARIABLE, username, password, alone=True)
        for statement in statements(username, connection.info.dbname):
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


def statements(username: str, database: str) -> list[sql.Composed]:
    """What is executed once the role is there, in the same transaction."""
    role = sql.Identifier(username)
    return [
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}").format(_listed(TABLES), role),
        sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(_listed(SEQUENCES), role),
    ]


def _listed(names: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier("public", name) for name in names)
