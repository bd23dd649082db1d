"""What PostgreSQL does to an Airflow in plain containers, and what becomes of its tasks then."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from disturbances import Outcome, outcome, start_task
from plain_airflow import PlainAirflow
from plain_stores import DATABASE, PASSWORD
from waiting import wait_for

BARE_URL = f"postgresql+psycopg2://airflow:{PASSWORD}@postgres/{DATABASE}?sslmode=require"
"""Of the metadata database, without the options that ours has."""


def database_restarts(airflow: PlainAirflow, seconds: float) -> Outcome:
    """PostgreSQL is away when a task ends."""
    run = start_task(airflow, "one", seconds / 2)
    airflow.stores.postgres.stop(timeout=5)
    time.sleep(seconds)
    airflow.stores.start_postgres()
    return outcome(airflow, "one", run, time.monotonic(), seconds=180)


@contextmanager
def results_refused(airflow: PlainAirflow) -> Iterator[None]:
    """PostgreSQL takes no results of Celery's for a while."""
    airflow.stores.sql("REVOKE INSERT, UPDATE ON celery_taskmeta FROM results", DATABASE)
    try:
        yield
    finally:
        airflow.stores.sql("GRANT INSERT, UPDATE ON celery_taskmeta TO results", DATABASE)


def begins_without_results(airflow: PlainAirflow, seconds: float) -> tuple[Outcome, int]:
    """A task is to begin while results are refused, the one that says that it has begun among them.

    Returns:
        What became of it, and how many messages it took.
    """
    with results_refused(airflow):
        run = airflow.api.trigger("one")
        airflow.wait_for_states("one", run, "queued", "failed", seconds=60)
        time.sleep(seconds)
        sent = _message(airflow, run)
    done = outcome(airflow, "one", run, time.monotonic(), seconds=60)
    return done, len({sent, _message(airflow, run)})


def _message(airflow: PlainAirflow, run: str) -> str:
    """The id of the message by which the only task of a run was sent last."""
    rows = airflow.stores.sql("SELECT run_id, external_executor_id FROM task_instance", DATABASE)
    return next(message for found, message in rows if found == run)


def lost_result(airflow: PlainAirflow) -> str:
    """A worker is killed when its task has reported its end and Celery has no result. Returns the run."""
    worker = airflow.new_worker("victims")
    run = start_task(airflow, "second_try", 2)
    with results_refused(airflow):
        airflow.wait_for_states("second_try", run, "success", seconds=60)
        airflow.kill(worker)
    return run


def await_free_slot(airflow: PlainAirflow, run: str, *, seconds: float) -> None:
    """Waits until the scheduler's executor has no slot for a run any more."""
    # Airflow's answer to the signal is a log line, for which it waits for good if it is just writing another.
    time.sleep(3)
    wait_for(
        f"no slot is held for {run}",
        lambda: run in airflow.held_slots(),
        lambda held: not held,
        timeout_seconds=seconds,
        interval_seconds=5,
    )


def vanished_database(airflow: PlainAirflow, changes: Mapping[str, str] | None = None) -> dict[str, float]:
    """PostgreSQL is silent, then gone without a word.

    Returns:
        After how many seconds each use that the program makes of it fails, as far as it does in time.
    """
    postgres = airflow.stores.postgres
    probe = airflow.run_program("scheduler", "vanished_database_program.py", changes)

    def failed() -> list[str]:
        return [line.partition(":")[0] for line in probe.logs().decode().splitlines()]

    def until_failed(*uses: str, seconds: float) -> dict[str, float]:
        began = time.monotonic()
        found: dict[str, float] = {}
        while len(found) < len(uses) and time.monotonic() < began + seconds:
            found = {use: time.monotonic() - began for use in uses if use in failed()} | found
            time.sleep(0.5)
        return found

    wait_for("the database is in use", failed, lambda lines: "ready" in lines, timeout_seconds=60)
    postgres.pause()
    seconds = until_failed("connects", seconds=40)
    postgres.unpause()
    airflow.cut_off(postgres)
    seconds |= until_failed("asks", "waits", seconds=90)
    airflow.join_again(postgres, "postgres")
    airflow.kill(probe)
    return seconds
