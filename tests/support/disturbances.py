"""What happens to an Airflow that runs in plain containers, and what becomes of its tasks then."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from docker.models.containers import Container
from plain_airflow import PlainAirflow
from plain_stores import DATABASE
from waiting import wait_for

FINISHED = ("success", "failed")


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes:
        states: State and try of each task.
        ran: What the tasks themselves wrote down: (task, `began` or `ended`).
        seconds: How long it took from the disturbance, or from its end.
    """

    states: dict[str, tuple[str, int]]
    ran: list[tuple[str, str]]
    seconds: float


def outcome(airflow: PlainAirflow, dag: str, run: str, since: float, *, seconds: float) -> Outcome:
    """Waits until a run is finished."""
    states = airflow.wait_for_states(dag, run, *FINISHED, seconds=seconds)
    return Outcome(states, airflow.ran(dag, run), time.monotonic() - since)


def start_task(airflow: PlainAirflow, dag: str, seconds: float) -> str:
    """Starts a run of a DAG with one task, and returns its run id when the task is at work."""
    run = airflow.api.trigger(dag, seconds=seconds)
    wait_for(
        f"the task of {dag} is at work",
        lambda: airflow.ran(dag, run),
        lambda ran: ran == [("work", "began")],
        timeout_seconds=60,
        interval_seconds=0.5,
    )
    return run


def without_webserver(airflow: PlainAirflow, seconds: float) -> Outcome:
    """The webserver is away while a task runs."""
    run = start_task(airflow, "one", seconds + 20)
    airflow.webserver.stop(timeout=5)
    time.sleep(seconds)
    airflow.restart_webserver()
    return outcome(airflow, "one", run, time.monotonic(), seconds=180)


@contextmanager
def another_worker(
    airflow: PlainAirflow, queue: str, changes: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A worker of a queue, for a while."""
    worker = airflow.new_worker(queue, changes)
    try:
        yield
    finally:
        airflow.kill(worker)


def lost_message(airflow: PlainAirflow) -> tuple[str, float]:
    """Redis loses the message of a task that no worker has taken yet. Returns the run, and when."""
    run = airflow.api.trigger("nobody")
    wait_for(
        "the message is in the queue",
        lambda: airflow.stores.redis_says("LLEN", "nobody"),
        lambda length: int(length) == 1,
        timeout_seconds=30,
        interval_seconds=0.25,
    )
    airflow.stores.redis_says("DEL", "nobody")
    return run, time.monotonic()


def await_scheduler(airflow: PlainAirflow) -> None:
    """Waits until the scheduler is healthy."""
    wait_for(
        "the scheduler is healthy", airflow.scheduler_health, lambda code: code == 200, timeout_seconds=90
    )


def burst_without_redis(airflow: PlainAirflow, seconds: float) -> tuple[Outcome, list[int]]:
    """Redis refuses connections while many tasks become due.

    Returns:
        What became of them since it was back, and what the scheduler's health check said meanwhile.
    """
    airflow.stores.redis.stop(timeout=5)
    run = airflow.api.trigger("burst")
    with _health(airflow) as seen:
        time.sleep(seconds)
    airflow.stores.redis.start()
    return outcome(airflow, "burst", run, time.monotonic(), seconds=150), seen


def silent_failover(airflow: PlainAirflow, seconds: float) -> Outcome:
    """Redis vanishes without a word, its connections half open, and another answers under its name."""
    old = airflow.stores.redis
    airflow.stores.new_redis()
    airflow.cut_off(old)
    run = airflow.api.trigger("one")
    return outcome(airflow, "one", run, time.monotonic(), seconds=seconds)


def read_only_redis(airflow: PlainAirflow, seconds: float) -> Outcome:
    """Redis refuses to be written to, as one that a failover has made a replica."""
    airflow.stores.redis_says("REPLICAOF", "127.0.0.1", "1")
    run = airflow.api.trigger("one")
    time.sleep(seconds)
    airflow.stores.redis_says("REPLICAOF", "NO", "ONE")
    return outcome(airflow, "one", run, time.monotonic(), seconds=60)


def broken_subscription(airflow: PlainAirflow, seconds: float) -> Outcome:
    """The connection breaks by which workers hear what concerns all of them, and no other."""
    airflow.stores.redis_says("CLIENT", "KILL", "TYPE", "pubsub")
    run = airflow.api.trigger("burst")
    return outcome(airflow, "burst", run, time.monotonic(), seconds=seconds)


def broken_connections(airflow: PlainAirflow, seconds: float) -> tuple[Outcome, Outcome]:
    """All connections to Redis break while a task runs for so long, and many become due.

    Returns:
        What became of those, which had to be done before it, and of the one that ran.
    """
    run = start_task(airflow, "one", seconds)
    airflow.stores.redis_says("CLIENT", "KILL", "TYPE", "normal")
    burst = airflow.api.trigger("burst")
    others = outcome(airflow, "burst", burst, time.monotonic(), seconds=seconds - 10)
    return others, outcome(airflow, "one", run, time.monotonic(), seconds=seconds + 30)


def worker_killed(airflow: PlainAirflow, worker: Container) -> tuple[str, float]:
    """A worker of the queue `victims` is killed at work. Returns the run of its task, and when."""
    run = start_task(airflow, "second_try", 15)
    airflow.kill(worker)
    return run, time.monotonic()


def redelivered(airflow: PlainAirflow) -> Outcome:
    """A message is handed out again while its task runs, later than a task may be queued.

    By a worker whose visibility timeout is too short, as Airflow's day is for a task that takes two.
    """
    run = start_task(airflow, "one", 60)
    began = time.monotonic()
    options = "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__"
    soon = {
        f"{options}VISIBILITY_TIMEOUT": "35",
        f"{options}UNACKED_RESTORE_INTERVAL": "1",
        f"{options}UNACKED_RESTORE_THROTTLE": "1",
    }
    with another_worker(airflow, "victims", soon):
        return outcome(airflow, "one", run, began, seconds=180)


def await_result(airflow: PlainAirflow, dag: str) -> None:
    """Waits until Celery has the result of a DAG's newest task, for which the executor waits with a slot."""

    def status() -> str:
        rows = airflow.stores.sql(
            "SELECT task.dag_id, coalesce(result.status, 'PENDING') FROM task_instance AS task"
            " LEFT JOIN celery_taskmeta AS result ON result.task_id = task.external_executor_id"
            " ORDER BY task.queued_dttm DESC",
            DATABASE,
        )
        return next(status for found, status in rows if found == dag)

    wait_for(
        f"Celery has the result of {dag}",
        status,
        lambda found: found in {"SUCCESS", "FAILURE"},
        timeout_seconds=30,
    )


@contextmanager
def _health(airflow: PlainAirflow) -> Iterator[list[int]]:
    seen: list[int] = []
    enough = threading.Event()

    def watch() -> None:
        while not enough.wait(2):
            try:
                seen.append(airflow.scheduler_health())
            except OSError:
                seen.append(0)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        enough.set()
        watching.join()
