"""Whether a process that has no port of its own still beats: by the row it keeps in Airflow's table `job`."""

import os
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass

import psycopg2

from kf_airflow_runtime import connections, variables
from kf_airflow_runtime.certificates import BUNDLE


@dataclass(frozen=True)
class Heartbeat:
    """How a component shows in the table.

    Args:
        job_type: Its value in the column of that name.
        limit_variable: How Airflow is told after how many seconds without a beat it is dead.
        default_limit_seconds: Airflow's own answer when the variable is not set.
    """

    job_type: str
    limit_variable: str
    default_limit_seconds: float

    def limit_seconds(self, environ: Mapping[str, str]) -> float:
        """After how many seconds without a beat Airflow itself calls it dead."""
        return float(environ.get(self.limit_variable) or self.default_limit_seconds)


HEARTBEATS = {
    "dag-processor": Heartbeat("DagProcessorJob", "AIRFLOW__DAG_PROCESSOR__HEALTH_CHECK_THRESHOLD", 50),
    "triggerer": Heartbeat("TriggererJob", "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD", 30),
}

_NEWEST = """
    SELECT state, extract(epoch FROM now() - latest_heartbeat)
    FROM job WHERE job_type = %s AND hostname = ANY(%s)
    ORDER BY latest_heartbeat DESC LIMIT 1
"""


def check(component: str, environ: Mapping[str, str]) -> tuple[bool, str]:
    """Whether the newest row of this host is alive, and why.

    A database that does not answer is not the process's fault, and to replace the process would not bring it
    back: that counts as healthy. A login that the database refuses does not: the secret was rotated, and only
    a new task gets it.

    Args:
        component: One of `HEARTBEATS`.
        environ: The container's environment.
    """
    variables.require(environ, (*connections.DATABASE, *connections.DATABASE_LOGIN))
    heartbeat = HEARTBEATS[component]
    dsn = connections.dsn(environ, connections.DATABASE_LOGIN, str(BUNDLE))
    try:
        connection = psycopg2.connect(**dsn, connect_timeout=3, application_name=f"health {component}")
    except psycopg2.OperationalError as error:
        return unreachable(str(error))
    try:
        with closing(connection), connection.cursor() as cursor:
            # Not as an option of the connection, which RDS Proxy refuses.
            cursor.execute("SET LOCAL statement_timeout = 3000")
            cursor.execute(_NEWEST, (heartbeat.job_type, host_names()))
            row = cursor.fetchone()
    except psycopg2.OperationalError as error:
        return unreachable(str(error))
    except psycopg2.errors.UndefinedTable:
        return False, "the database has no table `job`: the migration has not run"
    return verdict(heartbeat, row, heartbeat.limit_seconds(environ))


def unreachable(reason: str) -> tuple[bool, str]:
    """The verdict on a database that could not be asked."""
    reason = " ".join(reason.split())
    if connections.login_refused(reason):
        return False, f"the database refuses the login, which a new task would get anew: {reason}"
    return True, f"taken for healthy, as the database cannot be asked: {reason}"


def verdict(heartbeat: Heartbeat, row: tuple[str, float] | None, limit_seconds: float) -> tuple[bool, str]:
    """The verdict on the newest row of this host.

    Args:
        heartbeat: Whose row.
        row: Its state and the seconds since its last beat; None when there is no row.
        limit_seconds: From how many seconds on it is dead.
    """
    if row is None:
        return False, f"no {heartbeat.job_type} of this host has written its row yet"
    state, age = row[0], float(row[1])
    if state != "running":
        return False, f"the newest {heartbeat.job_type} of this host is {state}"
    return age < limit_seconds, f"last heartbeat {age:.0f} s ago, {limit_seconds:.0f} s allowed"


def host_names() -> list[str]:
    """The names under which Airflow may have noted this host: what its two usual callables return.

    `AIRFLOW__CORE__HOSTNAME_CALLABLE` could name any function, but to call it is to import Airflow.
    """
    names = [os.environ.get("HOSTNAME", ""), socket.gethostname(), _canonical_name(socket.gethostname())]
    with suppress(OSError):
        names.append(socket.gethostbyname(names[-1]))
    return list(dict.fromkeys(name for name in names if name))


def _canonical_name(name: str) -> str:
    # As airflow.utils.net.getfqdn does it; socket.getfqdn looks the address up in reverse.
    try:
        found = socket.getaddrinfo(name, None, 0, socket.SOCK_DGRAM, 0, socket.AI_CANONNAME)
    except OSError:
        return name
    return next((entry[3] for entry in found if entry[3]), name)
