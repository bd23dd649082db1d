"""What the tests of limits run. Each task writes down, outside Airflow, when it began and when it ended."""

import datetime
import os
import time
from contextlib import closing

import psycopg2
from airflow.sdk import dag, get_current_context, task

BURST = 24


def note(what: str) -> None:
    """Writes a line, however long the database is away."""
    instance = get_current_context()["ti"]
    row = (instance.dag_id, instance.run_id, instance.task_id, instance.try_number, what)
    deadline = time.monotonic() + 300
    while True:
        try:
            with closing(psycopg2.connect(os.environ["WITNESS"])) as connection, connection:
                connection.cursor().execute("INSERT INTO witness VALUES (%s, %s, %s, %s, %s, now())", row)
        except psycopg2.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)
        else:
            return


def work(seconds: float) -> None:
    """Is busy for a while."""
    note("began")
    time.sleep(get_current_context()["dag_run"].conf.get("seconds", seconds))
    note("ended")


COMMON = {
    "schedule": None,
    "start_date": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    "is_paused_upon_creation": False,
    "max_active_tasks": 100,
}


@dag(dag_id="one", **COMMON)
def one() -> None:
    """One task, which has one try."""
    task(retries=0)(work)(seconds=1)


@dag(dag_id="second_try", **COMMON)
def second_try() -> None:
    """One task, which has two, in a queue of its own."""
    task(retries=1, retry_delay=datetime.timedelta(seconds=1), queue="victims")(work)(seconds=30)


@dag(dag_id="nobody", **COMMON)
def nobody() -> None:
    """One task, in a queue that no worker serves at first."""
    task(retries=0, queue="nobody")(work)(seconds=1)


@dag(dag_id="burst", **COMMON)
def burst() -> None:
    """Tasks that are all due at once."""
    for number in range(BURST):
        task(task_id=f"task{number}", retries=0)(work)(seconds=0.1)


one()
second_try()
nobody()
burst()
