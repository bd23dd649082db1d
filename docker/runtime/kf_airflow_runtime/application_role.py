"""The database role of Airflow itself, which owns all that Airflow keeps.

It is not the master user, whose password RDS rotates: what runs would be locked out in the middle of it.
"""

from psycopg2 import errors, extensions, sql

from kf_airflow_runtime import roles
from kf_airflow_runtime.waiting import Report, retried

VARIABLE = "KF_AIRFLOW_DATABASE_USERNAME"

_LOCK_TIMEOUT = "3s"
# What belongs to an extension, and a sequence that belongs to a column, cannot be given away alone.
_OWN = """
    SELECT format('ALTER %%s %%s OWNER TO %%I', kind, name, %(to)s) FROM (
        SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid, 'pg_class'::regclass,
            oid::regclass::text
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relowner = current_user::regrole
            AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL
        SELECT 'TYPE', oid, 'pg_type'::regclass, oid::regtype::text FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typowner = current_user::regrole
            AND (typtype IN ('e', 'd', 'r')
                OR typtype = 'c' AND EXISTS (SELECT FROM pg_class WHERE oid = typrelid AND relkind = 'c'))
        UNION ALL
        SELECT 'ROUTINE', oid, 'pg_proc'::regclass, oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
    ) AS own (kind, id, catalog, name)
    WHERE NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = catalog AND objid = id
            AND (deptype = 'e' OR deptype IN ('a', 'i') AND kind = 'SEQUENCE'))
    ORDER BY kind, name
"""
_OWNS_SCHEMA = "SELECT FROM pg_namespace WHERE nspname = 'public' AND nspowner = to_regrole(quote_ident(%s))"


def ensure(connection: extensions.connection, username: str, password: str) -> None:
    """Creates the role, or gives the one there is the password, and lets it own the schema `public`.

    The caller keeps others from doing the same at the same time.

    Args:
        connection: To the metadata database, as its owner, who may create roles. Committed at the end.
        username: The role.
        password: Its password.

    Raises:
        RefusalError: The connection's role may not do that, or the role is somebody's administrator.
    """
    with roles.lacking_privileges_refused(connection), connection, connection.cursor() as cursor:
        roles.ensure(connection, VARIABLE, username, password, alone=False)
        cursor.execute(_OWNS_SCHEMA, (username,))
        for statement in statements(
            username, connection.info.dbname, owns_schema=cursor.fetchone() is not None
        ):
            cursor.execute(statement)


def statements(username: str, database: str, *, owns_schema: bool) -> list[sql.Composed]:
    """What is executed once the role is there, in the same transaction."""
    role = sql.Identifier(username)
    give = [sql.SQL("ALTER SCHEMA public OWNER TO {}").format(role)]
    return [
        # To give something away one must be a member of who gets it. It also keeps the master's access, and
        # that of processes of an earlier version that are still logged in as master.
        sql.SQL("GRANT {} TO CURRENT_USER").format(role),
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(database), role),
        *([] if owns_schema else give),
        # A database that was upgraded from PostgreSQL 14 still lets every role make tables here.
        sql.Composed([sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC")]),
    ]


def hand_over(connection: extensions.connection, username: str, deadline: float, report: Report) -> None:
    """Gives the role what an earlier version made in the schema `public` as the master user.

    A table at a time, each with a short wait for its lock: processes of that version may still be running,
    and to hold many tables while waiting for one more is how deadlocks come about.

    Args:
        connection: As `ensure` had it.
        username: The role.
        deadline: The `time.monotonic()` at which to give up.
        report: Told how much there was, if there was something.

    Raises:
        RefusalError: The connection's role may not do that.
        TooLateError: A lock was not to be had until the deadline.
    """
    with roles.lacking_privileges_refused(connection):
        with connection, connection.cursor() as cursor:
            cursor.execute(_OWN, {"to": username})
            pending = [str(row[0]) for row in cursor.fetchall()]
        for statement in pending:
            _execute(connection, statement, deadline, report)
    if pending:
        report(f"the role {username!r} owns {len(pending)} things that were the master's")


def _execute(connection: extensions.connection, statement: str, deadline: float, report: Report) -> None:
    def attempt() -> bool | str:
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", (_LOCK_TIMEOUT,))
                cursor.execute(statement)
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            return " ".join(str(error).split())
        return True

    retried(attempt, f"the lock for `{statement}`", deadline, report)
