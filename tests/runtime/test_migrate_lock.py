"""Two migrations of one database at once, by the lock in a real PostgreSQL."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from postgres import SERVERS, Database, name_of, running

from kf_airflow_runtime import migrate
from kf_airflow_runtime.waiting import TooLateError

SECONDS = 1.0


@pytest.fixture(scope="module", params=SERVERS, ids=name_of)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with running(request.param) as address:
        yield address


@pytest.fixture
def database(server: str) -> Iterator[Database]:
    made = Database(server)
    yield made
    made.drop()


def test_the_second_begins_when_the_first_has_ended(database: Database) -> None:
    done: list[str] = []
    said: list[str] = []
    first_runs = threading.Event()

    def first() -> None:
        with (
            closing(database.connect(database.master)) as connection,
            migrate.sole(connection, time.monotonic() + 20, said.append),
        ):
            first_runs.set()
            time.sleep(SECONDS)
            done.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert first_runs.wait(10)
    with (
        closing(database.connect(database.master)) as connection,
        migrate.sole(connection, time.monotonic() + 20, said.append),
    ):
        done.append("second")
    thread.join(10)

    assert done == ["first", "second"]
    assert said == ["another migration of this database runs; waiting for it to end"]


def test_a_second_that_waits_too_long_gives_up_and_leaves_the_first_alone(database: Database) -> None:
    with (
        closing(database.connect(database.master)) as connection,
        migrate.sole(connection, time.monotonic() + 20, lambda _: None),
    ):
        with (
            closing(database.connect(database.master)) as other,
            pytest.raises(TooLateError, match="waiting for another migration of this database to end"),
            migrate.sole(other, time.monotonic() + SECONDS, lambda _: None),
        ):
            pass
        connection.rollback()

    with (
        closing(database.connect(database.master)) as connection,
        migrate.sole(connection, time.monotonic() + SECONDS, lambda _: None),
    ):
        pass


def test_a_first_that_dies_lets_the_second_in(database: Database) -> None:
    dead = database.connect(database.master)
    with dead.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (migrate._LOCK,))
    dead.close()

    with (
        closing(database.connect(database.master)) as connection,
        migrate.sole(connection, time.monotonic() + SECONDS, lambda _: None),
    ):
        pass
