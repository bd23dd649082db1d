"""What is kept in PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from dataservice.settings import Settings

TABLES = """
CREATE TABLE IF NOT EXISTS counts (
    job text PRIMARY KEY,
    words integer NOT NULL,
    worker text NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS totals (
    taken_at timestamptz PRIMARY KEY DEFAULT now(),
    jobs integer NOT NULL,
    words integer NOT NULL
);
"""


@dataclass(frozen=True)
class Total:
    """How much was counted until a moment."""

    taken_at: datetime
    jobs: int
    words: int


class Records:
    """The tables.

    Args:
        settings: Where they are.
    """

    def __init__(self, settings: Settings) -> None:
        self._pool = ConnectionPool(
            settings.database,
            min_size=0,
            max_size=4,
            timeout=15,
            # One that the database or a failover has closed is replaced before it is used.
            check=ConnectionPool.check_connection,
            open=True,
        )

    def add_count(self, job: str, *, words: int, worker: str) -> None:
        """Writes what a job has counted, once: a job that is done again has the same result."""
        self._run(
            "INSERT INTO counts (job, words, worker) VALUES (%s, %s, %s) ON CONFLICT (job) DO NOTHING",
            job,
            words,
            worker,
        )

    def count_of(self, job: str) -> dict[str, Any] | None:
        """What a job has counted; None as long as it has not."""
        rows = self._run("SELECT words, worker FROM counts WHERE job = %s", job)
        return rows[0] if rows else None

    def take_total(self) -> None:
        """Adds up what was counted."""
        self._run("INSERT INTO totals (jobs, words) SELECT count(*), coalesce(sum(words), 0) FROM counts")

    def last_total(self) -> Total | None:
        """The last total; None if none was taken yet."""
        rows = self._run("SELECT taken_at, jobs, words FROM totals ORDER BY taken_at DESC LIMIT 1")
        return Total(**rows[0]) if rows else None

    def __enter__(self) -> "Records":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def _run(self, statement: str, *values: object) -> list[dict[str, Any]]:
        with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row).execute(statement, values)
            return cursor.fetchall() if cursor.description else []
