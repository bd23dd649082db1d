"""The database roles that processes log in with. `migrate`, which alone has the master login, makes them.

RDS's master user is no superuser: it may create roles, and owns the database. So nothing here needs more.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from psycopg2 import errors, extensions, sql

from kf_airflow_runtime.refusal import RefusalError

_POWERS = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
_EXISTING = """
    SELECT ARRAY[rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls], ARRAY(
        SELECT above.rolname::text FROM pg_roles above
        WHERE NOT role.rolsuper AND above.oid <> role.oid AND pg_has_role(role.oid, above.oid, 'MEMBER')
            AND (%(any)s OR above.rolsuper OR above.rolcreaterole OR above.rolcreatedb
                OR above.rolreplication OR above.rolbypassrls OR above.rolname = 'rds_superuser')
        ORDER BY 1)
    FROM pg_roles role WHERE rolname = %(name)s
"""


def refuse_shared(usernames: Mapping[str, str]) -> None:
    """Refuses a role that would serve two purposes.

    Args:
        usernames: The name of the variable of each role, and the role.

    Raises:
        RefusalError: Two of the roles are one.
    """
    first: dict[str, str] = {}
    for variable, username in usernames.items():
        if username in first:
            raise RefusalError(
                f"{first[username]} and {variable} are both {username!r}: each needs a role of its own, for"
                " the master's password is rotated under running processes, and workers, who have the results"
                " role, could read every connection and password Airflow keeps."
            )
        first[username] = variable


def ensure(
    connection: extensions.connection, variable: str, username: str, password: str, *, alone: bool
) -> None:
    """Creates a role that may log in, or gives the one there is the password. Commits nothing.

    Args:
        connection: To the metadata database, as a role that may create roles.
        variable: The name of the variable that names the role, for what is refused.
        username: The role.
        password: Its password. Only its SCRAM verifier is sent, as servers may log statements.
        alone: Whether a role that is a member of any other is refused, and not only of a powerful one.

    Raises:
        RefusalError: The role exists and is somebody's administrator.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING, {"name": username, "any": alone})
        found = cursor.fetchone()
        if found is not None:
            _refuse_powerful(variable, username, *found)
        verifier = extensions.encrypt_password(password, username, connection, "scram-sha-256")
        for statement in statements(
            username, verifier, exists=found is not None, server_version=connection.server_version
        ):
            cursor.execute(statement)


def statements(username: str, verifier: str, *, exists: bool, server_version: int) -> list[sql.Composed]:
    """What is executed for a role.

    Args:
        username: The role.
        verifier: Of its password.
        exists: Whether it is there already.
        server_version: As libpq gives it: 160004 is 16.4.
    """
    role = sql.Identifier(username)
    verb = sql.SQL("ALTER" if exists else "CREATE")
    made = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, role, sql.Literal(verifier))
    if server_version >= 160000:
        return [made]
    # From 16 on only who has this option may change a role, and an upgrade gives it to nobody.
    return [made, sql.SQL("GRANT {} TO CURRENT_USER WITH ADMIN OPTION").format(role)]


def _refuse_powerful(variable: str, username: str, flags: list[bool], above: list[str]) -> None:
    # Its password would be changed under whoever uses it, and a process of Airflow would have its powers.
    powers = [power for power, has in zip(_POWERS, flags, strict=True) if has]
    powers += [f"member of {name}" for name in above]
    if powers:
        raise RefusalError(
            f"{variable} is {username!r}, a role that exists and is {', '.join(powers)}: allowed are a new"
            " role and one without any of that."
        )


@contextmanager
def lacking_privileges_refused(connection: extensions.connection) -> Iterator[None]:
    """Turns a refusal of the server into a sentence.

    Raises:
        RefusalError: The connection's role lacks a privilege.
    """
    try:
        yield
    except errors.InsufficientPrivilege as error:
        reason = " ".join(str(error).split())
        raise RefusalError(
            f"The master login {connection.info.user!r} cannot make the roles of Airflow: {reason}. It must"
            " own the database and have CREATEROLE, as the master user of RDS does."
        ) from error
