"""The ledger of the chaos suite: a database of its own, in which tasks write down what they do."""

import secrets
from typing import Any

from chaos_verdict import Attempt
from local_system import LocalSystem
from waiting import wait_for

IDENTIFIER = "chaos-ledger"
CONNECTION = "chaos_ledger"
_NAME, _USER = "ledger", "ledger"

_TABLE = """
    CREATE TABLE IF NOT EXISTS attempts (
        run text NOT NULL,
        number integer NOT NULL,
        try integer NOT NULL,
        worker text NOT NULL,
        started timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended timestamptz,
        succeeded boolean
    );
    ALTER TABLE attempts OWNER TO ledger
"""


class Ledger:
    """A DB instance beside Airflow's, made through the API, which no fault of the suite touches.

    Args:
        system: The deployed system.
    """

    def __init__(self, system: LocalSystem) -> None:
        self._system = system
        self._password = secrets.token_urlsafe(24)

    def open(self) -> None:
        """Makes it, with its table, and tells Airflow's tasks of it by an Airflow connection."""
        rds = self._system.aws("rds")
        rds.create_db_instance(
            DBInstanceIdentifier=IDENTIFIER,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            DBName=_NAME,
            MasterUsername=_USER,
            MasterUserPassword=self._password,
            BackupRetentionPeriod=0,
        )
        endpoint = wait_for("the ledger is available", self._described, _is_available, timeout_seconds=120)[
            "Endpoint"
        ]
        self._ask(_TABLE)
        self._system.airflow().add_connection(
            CONNECTION,
            conn_type="postgres",
            host=endpoint["Address"],
            port=endpoint["Port"],
            schema=_NAME,
            login=_USER,
            password=self._password,
        )

    def close(self) -> None:
        """Takes it away again."""
        self._system.airflow().delete_connection(CONNECTION)
        self._system.aws("rds").delete_db_instance(DBInstanceIdentifier=IDENTIFIER, SkipFinalSnapshot=True)

    def now(self) -> float:
        """The time on the ledger's clock, in seconds."""
        return float(self._ask("SELECT extract(epoch FROM clock_timestamp())")[0])

    def ended(self, run: str) -> int:
        """How many tries of a run have ended."""
        return int(self._of(run, "SELECT count(ended) FROM attempts")[0])

    def busiest_worker(self, run: str) -> str:
        """The address of the worker on which most tasks of a run are at work."""
        found = self._of(
            run,
            "SELECT worker FROM attempts",
            "AND ended IS NULL GROUP BY worker ORDER BY count(*) DESC LIMIT 1",
        )
        assert found, f"no task of {run} is at work"
        return found[0]

    def attempts(self, run: str) -> list[Attempt]:
        """All that the tasks of a run wrote down."""
        rows = self._of(
            run,
            "SELECT number, try, extract(epoch FROM started), extract(epoch FROM ended), succeeded, worker"
            " FROM attempts",
            "ORDER BY started",
        )
        return [_attempt(row.split("|")) for row in rows]

    def _of(self, run: str, select: str, rest: str = "") -> list[str]:
        return self._ask(f"{select} WHERE run = '{run}' {rest}")

    def _ask(self, statement: str) -> list[str]:
        return self._system.psql(statement, identifier=IDENTIFIER, name=_NAME)

    def _described(self) -> dict[str, Any]:
        found: dict[str, Any] = self._system.aws("rds").describe_db_instances(
            DBInstanceIdentifier=IDENTIFIER
        )["DBInstances"][0]
        return found


def _is_available(described: dict[str, Any]) -> bool:
    return bool(described["DBInstanceStatus"] == "available")


def _attempt(row: list[str]) -> Attempt:
    number, try_number, started, ended, succeeded, worker = row
    return Attempt(
        number=int(number),
        try_number=int(try_number),
        started=float(started),
        ended=float(ended) if ended else None,
        succeeded=succeeded == "t" if succeeded else None,
        worker=worker,
    )
