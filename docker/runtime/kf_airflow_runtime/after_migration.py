"""Starts a process once the role for Celery's results can log in: a worker ends when it cannot.

On a first deployment workers start while `migrate`, in another task, still makes that role. Ending there
would count as failed starts, of which ECS's circuit breaker takes three before it gives the deployment up.
"""

import os
import sys
import time

import psycopg2

from kf_airflow_runtime.refusal import EXIT_TEMPORARY
from kf_airflow_runtime.waiting import TooLateError, retried

LIMIT_SECONDS = 170.0
"""Below the 180 s for which ECS does not count failing health checks (`startPeriod`)."""

_SCHEME = "db+postgresql+psycopg2://"


def main() -> None:
    """Waits, then becomes the command it was given; exits with 75 and the last error if it takes too long."""
    url = os.environ["AIRFLOW__CELERY__RESULT_BACKEND"]
    try:
        retried(
            lambda: refusal(url), "the database role of the results", time.monotonic() + LIMIT_SECONDS, say
        )
    except TooLateError as error:
        say(f"gave up after {LIMIT_SECONDS:.0f} s: {error}. Does the container `migrate` end with success?")
        sys.exit(EXIT_TEMPORARY)
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606


def refusal(url: str) -> str | None:
    """Why the results' database cannot be used yet; None when it can.

    Args:
        url: Celery's result backend. One that is not our PostgreSQL is not looked at.
    """
    if not url.startswith(_SCHEME):
        return None
    try:
        psycopg2.connect(
            "postgresql://" + url.removeprefix(_SCHEME),
            connect_timeout=10,
            application_name="kf-airflow after_migration",
        ).close()
    except psycopg2.OperationalError as error:
        return " ".join(str(error).split())
    return None


def say(sentence: str) -> None:
    """One line of the container's log."""
    sys.stdout.write(f"worker: {sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
