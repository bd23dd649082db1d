"""`migrate`: brings the database to what this image needs. Run as often as one likes, by two at once as well.

The role that Airflow logs in with, Airflow's tables, Celery's result tables with a role that may only use
those, and the administrator. Only this process has the master login, and uses it for the two roles alone.
"""

import os
import subprocess
import sys
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import errors, extensions

from kf_airflow_runtime import (
    admin,
    application_role,
    certificates,
    connections,
    results_role,
    roles,
    variables,
)
from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.refusal import RefusalError
from kf_airflow_runtime.waiting import Report, TooLateError, retried

LIMIT_SECONDS = 900.0
"""For all of it. A migration between minor versions takes minutes on a large database."""

_LOCK = zlib.crc32(b"kf-airflow migrate")
# Airflow waits 1.8 s for another migration to end and then fails; a server that starts refuses connections.
_WORTH_A_RETRY = (
    "LockNotAvailable",
    "lock timeout",
    "Connection refused",
    "is starting up",
    "is shutting down",
)
_LAST_LINES = 15


def main() -> None:
    """Migrates, and exits with 1 and the last error when that does not succeed in time."""
    try:
        migrate(time.monotonic() + LIMIT_SECONDS, lambda sentence: say(sentence, event="migration"))
    except RefusalError as refusal:
        say(str(refusal), event="migration-failed", level="warning", exit_code=refusal.exit_code)
        sys.exit(refusal.exit_code)
    except TooLateError as error:
        say(
            f"The migration did not end within {LIMIT_SECONDS:.0f} s: {error}",
            event="migration-failed",
            level="warning",
            exit_code=1,
        )
        sys.exit(1)


def migrate(deadline: float, report: Report) -> None:
    """All steps, in order.

    Args:
        deadline: The `time.monotonic()` at which to give up.
        report: Told what happens.

    Raises:
        TooLateError: The time was over first.
        RefusalError: Something that only the deployment can change.
    """
    master, own, results = (
        os.environ[login[0]]
        for login in (connections.MASTER_LOGIN, connections.DATABASE_LOGIN, connections.RESULTS_LOGIN)
    )
    roles.refuse_shared(
        {
            connections.MASTER_LOGIN[0]: master,
            application_role.VARIABLE: own,
            results_role.VARIABLE: results,
        }
    )
    with closing(connect(deadline, report)) as connection, sole(connection, deadline, report):
        application_role.ensure(connection, own, os.environ["KF_AIRFLOW_DATABASE_PASSWORD"])
        application_role.hand_over(connection, own, deadline, report)
        report(f"the role {own!r} owns the schema of Airflow")
        migrate_airflow(deadline, report)
        results_role.create_tables(os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        results_role.ensure(connection, results, os.environ["KF_AIRFLOW_RESULTS_PASSWORD"])
        report(f"the role {results!r} may use Celery's result tables and nothing else")
        report(admin.ensure(os.environ["KF_AIRFLOW_ADMIN_USERNAME"], os.environ["KF_AIRFLOW_ADMIN_PASSWORD"]))


def connect(deadline: float, report: Report) -> extensions.connection:
    """A connection to the metadata database as its master user, waiting while there is no server.

    Raises:
        TooLateError: No server until the deadline.
        RefusalError: The server refuses the login.
    """
    dsn = connections.dsn(os.environ, connections.MASTER_LOGIN, str(certificates.BUNDLE))

    def attempt() -> extensions.connection | str:
        try:
            opened: extensions.connection = psycopg2.connect(
                **dsn, connect_timeout=10, application_name="kf-airflow migrate"
            )
        except psycopg2.OperationalError as error:
            reason = " ".join(str(error).split())
            if connections.login_refused(reason) or "certificate verify failed" in reason:
                raise RefusalError(
                    f"The database cannot be used with what this task was given: {reason}"
                ) from error
            return reason
        return opened

    return retried(attempt, "the database", deadline, report)


def migrate_airflow(
    deadline: float, report: Report, command: tuple[str, ...] = ("airflow", "db", "migrate")
) -> None:
    """Airflow's own migration, again while another one holds its lock.

    Raises:
        TooLateError: It did not succeed until the deadline.
        RefusalError: It failed in a way that waiting does not change.
    """

    def attempt() -> bool | str:
        code, output = run(command, deadline)
        if code == 0:
            return True
        last = "\n".join(output)
        if not any(sign in last for sign in _WORTH_A_RETRY):
            raise RefusalError(
                f"`{' '.join(command)}` failed with exit code {code}; its last lines are above.", 1
            )
        return output[-1] if output else f"exit code {code}"

    retried(attempt, "Airflow's migration", deadline, report)


def run(command: tuple[str, ...], deadline: float) -> tuple[int, list[str]]:
    """Runs a command, passing its output on, and returns its exit code and its last lines.

    Raises:
        TooLateError: It was still running at the deadline. It is killed.
    """
    last: deque[str] = deque(maxlen=_LAST_LINES * 10)
    process = subprocess.Popen(
        command,
        env=variables.without_raw_secrets(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = process.stdout
    if output is None:
        raise AssertionError("a pipe was asked for")
    with process, killed_at(process, deadline) as was_killed:
        for line in output:
            sys.stdout.write(line)
            sys.stdout.flush()
            last.append(line.rstrip("\n"))
        code = process.wait()
    if was_killed():
        raise TooLateError(
            f"`{' '.join(command)}` was still running; it said last: {last[-1] if last else 'nothing'}"
        )
    return code, list(last)


@contextmanager
def killed_at(process: subprocess.Popen[str], deadline: float) -> Iterator[Callable[[], bool]]:
    """Kills a process at the deadline, which also ends the reading of its output. Yields whether it did."""
    late = threading.Event()

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), kill)
    timer.start()
    try:
        yield late.is_set
    finally:
        timer.cancel()


@contextmanager
def sole(connection: extensions.connection, deadline: float, report: Report) -> Iterator[None]:
    """Keeps other migrations waiting, until the end of the block.

    Airflow's own lock does not cover the tables of its FAB provider: of two first migrations, one would fail.

    Raises:
        TooLateError: Another one had not ended by the deadline.
    """
    limit_ms = max(1, int((deadline - time.monotonic()) * 1000))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
            if cursor.fetchone() != (True,):
                report("another migration of this database runs; waiting for it to end")
                cursor.execute("SET LOCAL lock_timeout = %s", (limit_ms,))
                cursor.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    except errors.LockNotAvailable as error:
        raise TooLateError("waiting for another migration of this database to end") from error
    try:
        yield
    finally:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


if __name__ == "__main__":
    main()
