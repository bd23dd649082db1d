"""`chaos_load`: tasks that each write down, outside Airflow, when they ran and how they ended."""

import datetime
import random
import time
from contextlib import closing

import psycopg2
from airflow.sdk import Connection, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

LEDGER_PATIENCE_SECONDS = 120


def write_down(statement: str, values: dict[str, object]) -> None:
    """Executes a statement in the ledger, again and again while it does not answer."""
    ledger = Connection.get("chaos_ledger")
    deadline = time.monotonic() + LEDGER_PATIENCE_SECONDS
    while True:
        try:
            with (
                closing(
                    psycopg2.connect(
                        host=ledger.host,
                        port=ledger.port,
                        user=ledger.login,
                        password=ledger.password,
                        dbname=ledger.schema,
                        sslmode="require",
                        connect_timeout=5,
                    )
                ) as connection,
                connection,
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, values)
                return
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


@dag(
    dag_id="chaos_load",
    schedule=None,
    catchup=False,
    is_paused_upon_creation=False,
    max_active_tasks=1000,
    params={
        "tasks": Param(200, type="integer", minimum=1),
        "shortest_seconds": Param(2.0, type="number"),
        "longest_seconds": Param(8.0, type="number"),
    },
    default_args={"retries": 5, "retry_delay": datetime.timedelta(seconds=3)},
    tags=["chaos"],
)
def chaos_load() -> None:
    """Tasks that sleep. Every 20th fails at its first try, every 50th for good."""

    @task
    def numbers() -> list[int]:
        return list(range(get_current_context()["params"]["tasks"]))

    @task
    def work(number: int) -> None:
        context = get_current_context()
        instance, params = context["ti"], context["params"]
        values: dict[str, object] = {
            "run": context["run_id"],
            "number": number,
            "try": instance.try_number,
            "worker": instance.hostname,
        }
        write_down(
            "INSERT INTO attempts (run, number, try, worker)"
            " VALUES (%(run)s, %(number)s, %(try)s, %(worker)s)",
            values,
        )
        print(f"CHAOS task {number} begins")  # noqa: T201
        time.sleep(random.Random(number).uniform(params["shortest_seconds"], params["longest_seconds"]))  # noqa: S311
        fails_once, fails_always = number % 20 == 7, number % 50 == 33
        fails = fails_always or (fails_once and instance.try_number == 1)
        write_down(
            "UPDATE attempts SET ended = clock_timestamp(), succeeded = %(succeeded)s"
            " WHERE run = %(run)s AND number = %(number)s AND try = %(try)s AND ended IS NULL",
            {**values, "succeeded": not fails},
        )
        print(f"CHAOS task {number} ends")  # noqa: T201
        if fails_always:
            raise AirflowFailException(f"task {number} fails for good, as it is told to")
        if fails:
            raise RuntimeError(f"task {number} fails at its first try, as it is told to")

    work.expand(number=numbers())


chaos_load()
