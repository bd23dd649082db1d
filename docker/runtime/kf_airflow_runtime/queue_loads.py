"""The load of each Celery queue, read from Airflow's table `task_instance` by one connection that is kept.

psycopg2 alone: Airflow's own models would take more memory than the whole process may have.
"""

from contextlib import suppress

import psycopg2
from psycopg2 import extensions

from kf_airflow_runtime import connections
from kf_airflow_runtime.worker_demand import QueueLoad

_DRIVER = "postgresql+psycopg2://"
_TIMEOUT_MS = 3000
# By the index `ti_state` alone the rows are found, which are those of tasks that are under way.
_LOADS = """
    SELECT queue, count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'running'),
        coalesce(extract(epoch FROM now() - min(queued_dttm) FILTER (WHERE state = 'queued')), 0)
    FROM task_instance WHERE state IN ('queued', 'running') GROUP BY queue
"""


class UnreadableError(Exception):
    """The database was not read. Its text says why.

    Args:
        reason: What the database or its driver said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(" ".join(reason.split()))
        self.login_refused = connections.login_refused(reason)


class QueueLoads:
    """Reads the loads; connects when there is no connection.

    Args:
        url: The metadata database as SQLAlchemy writes it, with psycopg2 as driver.
    """

    def __init__(self, url: str) -> None:
        self._dsn = "postgresql://" + url.removeprefix(_DRIVER)
        self._connection: extensions.connection | None = None

    def read(self) -> dict[str, QueueLoad]:
        """The load of each queue that has one.

        Raises:
            UnreadableError: The database cannot be read. The next call connects anew.
        """
        try:
            if self._connection is None:
                self._connection = self._connect()
            with self._connection.cursor() as cursor:
                # Not as an option of the connection, which RDS Proxy refuses.
                cursor.execute("SET LOCAL statement_timeout = %s", (_TIMEOUT_MS,))
                cursor.execute(_LOADS)
                rows = cursor.fetchall()
            # A transaction that stayed open would keep PostgreSQL from cleaning up.
            self._connection.commit()
        except psycopg2.Error as error:
            self.close()
            raise UnreadableError(str(error) or type(error).__name__) from error
        return {
            queue: QueueLoad(queued, running, max(0.0, round(float(oldest), 1)))
            for queue, queued, running, oldest in rows
        }

    def close(self) -> None:
        """Ends the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg2.Error):
                connection.close()

    def _connect(self) -> extensions.connection:
        connection: extensions.connection = psycopg2.connect(
            self._dsn,
            connect_timeout=3,
            application_name="kf-airflow metrics",
            # A server that went away without a word, as in a failover, is noticed within a cycle.
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=2,
            tcp_user_timeout=8000,
        )
        connection.set_session(readonly=True)
        return connection
