"""Airflow's database, read by one connection that is kept.

psycopg2 alone: Airflow's own models would take more memory than the whole process may have.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg2
from psycopg2 import extensions

from kf_airflow_runtime import connections

_DRIVER = "postgresql+psycopg2://"
_TIMEOUT_MS = 3000

Row = tuple[Any, ...]


class UnreadableError(Exception):
    """The database was not read. Its text says why.

    Args:
        reason: What the database or its driver said.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(" ".join(reason.split()))
        self.login_refused = connections.login_refused(reason)


class MetadataDatabase:
    """Runs queries that only read; connects when there is no connection.

    Args:
        url: The metadata database as SQLAlchemy writes it, with psycopg2 as driver.
    """

    def __init__(self, url: str) -> None:
        self._dsn = "postgresql://" + url.removeprefix(_DRIVER)
        self._connection: extensions.connection | None = None

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[Row]:
        """What a query answers.

        Args:
            query: The query.
            parameters: What stands for its `%s`. None if left out.

        Raises:
            UnreadableError: The database cannot be read. The next call connects anew.
        """
        try:
            if self._connection is None:
                self._connection = self._connect()
            with self._connection.cursor() as cursor:
                # Not as an option of the connection, which RDS Proxy refuses.
                cursor.execute("SET LOCAL statement_timeout = %s", (_TIMEOUT_MS,))
                cursor.execute(query, parameters)
                rows: list[Row] = cursor.fetchall()
            # A transaction that stayed open would keep PostgreSQL from cleaning up.
            self._connection.commit()
        except psycopg2.Error as error:
            self.close()
            raise UnreadableError(str(error) or type(error).__name__) from error
        return rows

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
