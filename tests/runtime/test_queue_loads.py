"""The loads of the queues, read from real PostgreSQL with Airflow's role."""

from collections.abc import Iterator

import psycopg2
import pytest
from postgres import OWN, SERVERS, Database, name_of, running, url_of

from kf_airflow_runtime import metadata_database, queue_loads
from kf_airflow_runtime.metadata_database import MetadataDatabase, UnreadableError
from kf_airflow_runtime.worker_demand import QueueLoad

# As much of Airflow's table as is read, with the types and the index it has there.
TABLE = (
    "CREATE TABLE task_instance (id serial PRIMARY KEY, state varchar(20), queue varchar(256),"
    " queued_dttm timestamptz)",
    "CREATE INDEX ti_state ON task_instance (state)",
)


_OURS = "FROM pg_stat_activity WHERE application_name = 'kf-airflow metrics' AND datname = current_database()"


@pytest.fixture(scope="module", params=SERVERS, ids=name_of)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with running(request.param) as address:
        yield address


@pytest.fixture
def database(server: str) -> Iterator[Database]:
    made = Database(server)
    made.migrate()
    made.run(made.own, *TABLE, password=OWN)
    yield made
    made.drop()


@pytest.fixture
def metadata(database: Database) -> Iterator[MetadataDatabase]:
    made = MetadataDatabase(url_of(database))
    yield made
    made.close()


def add(database: Database, *tasks: tuple[str | None, str, int | None]) -> None:
    for state, queue, seconds_ago in tasks:
        since = "NULL" if seconds_ago is None else f"now() - interval '{seconds_ago} s'"
        value = "NULL" if state is None else f"'{state}'"
        database.run(
            database.own,
            f"INSERT INTO task_instance (state, queue, queued_dttm) VALUES ({value}, '{queue}', {since})",  # noqa: S608
            password=OWN,
        )


def test_an_empty_table_has_no_load(metadata: MetadataDatabase) -> None:
    assert queue_loads.queue_loads(metadata) == {}


def test_what_is_queued_and_what_runs_is_counted_by_queue(
    database: Database, metadata: MetadataDatabase
) -> None:
    add(
        database,
        ("queued", "default", 0),
        ("running", "default", 5),
        ("running", "default", 9),
        ("running", "gpu", 3),
    )
    read = queue_loads.queue_loads(metadata)

    assert {queue: (load.queued, load.running) for queue, load in read.items()} == {
        "default": (1, 2),
        "gpu": (0, 1),
    }
    assert read["gpu"] == QueueLoad(0, 1, 0.0)


@pytest.mark.parametrize("state", [None, "scheduled", "deferred", "success", "up_for_retry", "restarting"])
def test_no_other_state_asks_for_a_worker(
    database: Database, metadata: MetadataDatabase, state: str | None
) -> None:
    add(database, (state, "default", 5))

    assert queue_loads.queue_loads(metadata) == {}


def test_the_oldest_is_the_one_that_waits_and_not_one_that_runs(
    database: Database, metadata: MetadataDatabase
) -> None:
    add(database, ("queued", "default", 30), ("queued", "default", 90), ("running", "default", 900))

    assert 90 <= queue_loads.queue_loads(metadata)["default"].oldest_queued_seconds < 120


@pytest.mark.parametrize("seconds_ago", [None, -30], ids=["unknown", "by a clock that is ahead"])
def test_a_wait_is_never_less_than_nothing(
    database: Database, metadata: MetadataDatabase, seconds_ago: int | None
) -> None:
    add(database, ("queued", "default", seconds_ago))

    assert queue_loads.queue_loads(metadata)["default"].oldest_queued_seconds == 0


def test_one_connection_serves_every_read_and_keeps_no_transaction(
    database: Database, metadata: MetadataDatabase
) -> None:
    for _ in range(3):
        queue_loads.queue_loads(metadata)

    assert sessions(database) == [("idle",)]


def test_a_connection_that_was_ended_is_made_anew_by_the_next_read(
    database: Database, metadata: MetadataDatabase
) -> None:
    queue_loads.queue_loads(metadata)
    end_sessions(database)
    with pytest.raises(UnreadableError, match=r"closed the connection|terminating"):
        queue_loads.queue_loads(metadata)

    assert queue_loads.queue_loads(metadata) == {}
    assert sessions(database) == [("idle",)]


def test_the_session_cannot_write(database: Database, metadata: MetadataDatabase) -> None:
    queue_loads.queue_loads(metadata)
    assert metadata._connection is not None
    with metadata._connection.cursor() as cursor, pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        cursor.execute("DELETE FROM task_instance")


def test_a_table_that_is_not_there_yet_is_a_reason_and_read_once_it_is(
    database: Database, metadata: MetadataDatabase
) -> None:
    database.run(database.own, "DROP TABLE task_instance", password=OWN)
    with pytest.raises(UnreadableError, match='relation "task_instance" does not exist'):
        queue_loads.queue_loads(metadata)
    database.run(database.own, *TABLE, password=OWN)

    assert queue_loads.queue_loads(metadata) == {}


def test_a_table_that_is_locked_is_given_up_before_the_next_cycle(
    database: Database, metadata: MetadataDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata_database, "_TIMEOUT_MS", 100)
    other = database.connect(database.own, OWN)
    with other.cursor() as cursor:
        cursor.execute("LOCK TABLE task_instance")
        with pytest.raises(UnreadableError, match="statement timeout"):
            queue_loads.queue_loads(metadata)
    other.close()


def test_a_changed_password_is_told_from_a_server_that_is_away(database: Database) -> None:
    database.migrate(password="new")
    with pytest.raises(UnreadableError) as refused:
        queue_loads.queue_loads(MetadataDatabase(url_of(database)))
    with pytest.raises(UnreadableError) as away:
        queue_loads.queue_loads(MetadataDatabase("postgresql+psycopg2://airflow:pw@127.0.0.1:1/airflow"))

    assert (refused.value.login_refused, away.value.login_refused) == (True, False)


def test_a_reason_is_one_line() -> None:
    assert str(UnreadableError("connection refused\n\tis the server running?\n")) == (
        "connection refused is the server running?"
    )


def test_the_rows_are_found_by_the_index_of_states(database: Database) -> None:
    database.run(
        database.own,
        "INSERT INTO task_instance (state, queue) SELECT 'success', 'default' FROM generate_series(1, 20000)",
        "INSERT INTO task_instance (state, queue) SELECT 'queued', 'default' FROM generate_series(1, 20)",
        "ANALYZE task_instance",
        password=OWN,
    )
    plan = database.run(database.own, f"EXPLAIN {queue_loads._LOADS}", password=OWN)

    assert any("ti_state" in line for (line,) in plan), plan


def sessions(database: Database) -> list[tuple[str]]:
    return database.run(None, f"SELECT state {_OURS}", database=database.name)


def end_sessions(database: Database) -> None:
    database.run(None, f"SELECT pg_terminate_backend(pid) {_OURS}", database=database.name)
