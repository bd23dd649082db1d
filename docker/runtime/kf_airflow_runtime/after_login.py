"""Starts a process once its database lets it in, because the process would end if it did not.

Ends count: in an outage of the database a scheduler ends, is restarted alone, and would end again too soon
for its restart policy, which stops the webserver with it.
"""

import os
import sys
import time

import psycopg2

from kf_airflow_runtime import connections
from kf_airflow_runtime.plain_log import say
from kf_airflow_runtime.refusal import EXIT_TEMPORARY, RefusalError
from kf_airflow_runtime.waiting import TooLateError, retried

LIMIT_SECONDS = 170.0
"""Below the 180 s for which ECS does not count failing health checks (`startPeriod`), and above the 60 s
after which a container may be restarted again (`restartAttemptPeriod`)."""

_DRIVER = "postgresql+psycopg2://"


def main() -> None:
    """`after_login <variable with the URL> <command...>`: waits, then becomes the command.

    Exits with 75 and the last error if it takes too long, and at once if its password was changed.
    """
    variable, command = sys.argv[1], sys.argv[2:]
    url = os.environ[variable]
    deadline = time.monotonic() + LIMIT_SECONDS

    def attempt() -> str | None:
        reason = refusal(url)
        # `migrate` has used this login, so its password has been changed since: only a new task gets the new
        # one, and ending at once brings that about.
        if reason and connections.login_refused(reason):
            raise RefusalError(f"The password was changed since this task started: {reason}", EXIT_TEMPORARY)
        return reason

    try:
        retried(attempt, "the database", deadline, say)
    except RefusalError as error:
        say(str(error), event="login-refused", level="warning")
        sys.exit(error.exit_code)
    except TooLateError as error:
        say(
            f"gave up after {LIMIT_SECONDS:.0f} s: {error}.",
            event="database-awaited-in-vain",
            level="warning",
        )
        sys.exit(EXIT_TEMPORARY)
    os.execvp(command[0], command)  # noqa: S606


def refusal(url: str) -> str | None:
    """Why the database cannot be used yet; None when it can.

    Args:
        url: As SQLAlchemy takes it. One that is not our PostgreSQL is not looked at.
    """
    if not url.startswith(_DRIVER):
        return None
    try:
        psycopg2.connect(
            "postgresql://" + url.removeprefix(_DRIVER),
            connect_timeout=10,
            application_name="kf-airflow after_login",
        ).close()
    except psycopg2.OperationalError as error:
        return " ".join(str(error).split())
    return None


if __name__ == "__main__":
    main()
