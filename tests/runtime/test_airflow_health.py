"""How Airflow is, read from real PostgreSQL with Airflow's role."""

from collections.abc import Iterator

import pytest
from postgres import OWN, SERVERS, Database, name_of, running, url_of

from kf_airflow_runtime import airflow_health
from kf_airflow_runtime.airflow_health import AirflowHealth, of_health
from kf_airflow_runtime.metadata_database import MetadataDatabase

# As much of Airflow's tables as is read, with the types and the indexes they have there.
TABLES = (
    "CREATE TABLE job (id serial PRIMARY KEY, job_type varchar(30), state varchar(20),"
    " latest_heartbeat timestamptz)",
    "CREATE INDEX job_type_heart ON job (job_type, latest_heartbeat)",
    "CREATE TABLE import_error (id serial PRIMARY KEY, filename varchar(1024))",
    "CREATE TABLE task_instance (id serial PRIMARY KEY, state varchar(20), last_heartbeat_at timestamptz)",
    "CREATE INDEX ti_state ON task_instance (state)",
    "CREATE INDEX ti_heartbeat ON task_instance (last_heartbeat_at)",
    "CREATE TABLE log (id serial PRIMARY KEY, dttm timestamptz, event varchar(60), dag_id varchar(250),"
    " task_id varchar(250), run_id varchar(250), map_index integer)",
    "CREATE INDEX idx_log_event ON log (event)",
)


@pytest.fixture(scope="module", params=SERVERS, ids=name_of)
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with running(request.param) as address:
        yield address


@pytest.fixture
def database(server: str) -> Iterator[Database]:
    made = Database(server)
    made.migrate()
    made.run(made.own, *TABLES, password=OWN)
    yield made
    made.drop()


@pytest.fixture
def metadata(database: Database) -> Iterator[MetadataDatabase]:
    made = MetadataDatabase(url_of(database))
    yield made
    made.close()


def health(metadata: MetadataDatabase) -> AirflowHealth:
    return airflow_health.airflow_health(metadata, heartbeat_timeout_seconds=300)


def beat(database: Database, kind: str, state: str, seconds_ago: int) -> None:
    database.run(
        database.own,
        f"INSERT INTO job (job_type, state, latest_heartbeat) VALUES ('{kind}', '{state}',"  # noqa: S608
        f" now() - interval '{seconds_ago} s')",
        password=OWN,
    )


def send_again(database: Database, task: str, minutes_ago: int, event: str) -> None:
    database.run(
        database.own,
        "INSERT INTO log (dttm, event, dag_id, task_id, run_id, map_index) VALUES"  # noqa: S608
        f" (now() - interval '{minutes_ago} min', '{event}', 'dag', '{task}', 'run', -1)",
        password=OWN,
    )


def test_where_nothing_runs_there_is_no_heartbeat(metadata: MetadataDatabase) -> None:
    assert health(metadata) == AirflowHealth({}, import_errors=0, stuck_tasks=0)


def test_of_several_schedulers_the_one_that_beat_last_counts(
    database: Database, metadata: MetadataDatabase
) -> None:
    beat(database, "SchedulerJob", "running", 500)
    beat(database, "SchedulerJob", "running", 20)
    beat(database, "DagProcessorJob", "running", 40)

    ages = health(metadata).heartbeat_seconds
    assert ages.keys() == {"SchedulerHeartbeatSeconds", "DagProcessorHeartbeatSeconds"}
    assert 20 <= ages["SchedulerHeartbeatSeconds"] < 30


@pytest.mark.parametrize(("kind", "state"), [("SchedulerJob", "failed"), ("LocalTaskJob", "running")])
def test_what_has_ended_or_is_something_else_has_no_heartbeat(
    database: Database, metadata: MetadataDatabase, kind: str, state: str
) -> None:
    beat(database, kind, state, 1)

    assert health(metadata).heartbeat_seconds == {}


def test_files_that_cannot_be_imported_are_counted(database: Database, metadata: MetadataDatabase) -> None:
    database.run(database.own, "INSERT INTO import_error (filename) VALUES ('a.py'), ('b.py')", password=OWN)

    assert health(metadata).import_errors == 2


def test_a_task_is_stuck_whose_heartbeat_the_scheduler_should_have_missed(
    database: Database, metadata: MetadataDatabase
) -> None:
    database.run(
        database.own,
        "INSERT INTO task_instance (state, last_heartbeat_at) VALUES"
        " ('running', now() - interval '10 min'), ('running', now() - interval '310 s'),"
        " ('success', now() - interval '10 min'), ('running', NULL)",
        password=OWN,
    )

    assert health(metadata).stuck_tasks == 1


def test_a_task_is_stuck_that_was_sent_again_lately_however_often(
    database: Database, metadata: MetadataDatabase
) -> None:
    for task, minutes in (("a", 1), ("a", 11), ("b", 5), ("c", 20)):
        send_again(database, task, minutes, "stuck in queued reschedule")
    send_again(database, "d", 1, "success")

    assert health(metadata).stuck_tasks == 2


def test_the_rows_are_found_by_their_indexes(database: Database) -> None:
    database.run(
        database.own,
        "INSERT INTO log (event, dttm) SELECT 'success', now() FROM generate_series(1, 20000)",
        "INSERT INTO task_instance (state, last_heartbeat_at) SELECT 'success', now() - interval '1 s' * n"
        " FROM generate_series(1, 20000) n",
        "ANALYZE log, task_instance",
        password=OWN,
    )
    query = airflow_health._COUNTS % (300, 15)
    plan = "\n".join(line for (line,) in database.run(database.own, f"EXPLAIN {query}", password=OWN))

    assert "idx_log_event" in plan
    assert "Seq Scan on task_instance" not in plan


def test_what_is_published_is_about_the_service_of_airflow() -> None:
    measured = of_health("cluster", "airflow", AirflowHealth({"SchedulerHeartbeatSeconds": 3.0}, 1, 2))

    assert measured.dimensions == {"ClusterName": "cluster", "ServiceName": "airflow"}
    assert measured.values == {"SchedulerHeartbeatSeconds": 3, "ImportErrors": 1, "StuckTasks": 2}
