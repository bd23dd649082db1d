"""What ends a healthy task, or loses one, under Airflow's defaults (`test_stock.py`), and does not here.

The order saves time: what has to last a while begins with the first test and is looked at by the last ones.
"""

from collections import Counter

import database_disturbances
import disturbances
import pytest
from plain_airflow import PlainAirflow

ONCE = [("work", "began"), ("work", "ended")]
SUCCESS = {"work": ("success", 1)}


@pytest.mark.usefixtures("waiting_run", "lost_result", "lost_worker")
def test_no_task_fails_while_redis_is_away_and_the_scheduler_stays_healthy(airflow: PlainAirflow) -> None:
    burst, health = disturbances.burst_without_redis(airflow, 35)

    assert set(burst.states.values()) == {("success", 1)}
    assert set(Counter(burst.ran).values()) == {1}, "a task ran twice"
    assert set(health) == {200}


def test_a_redis_that_vanishes_without_a_word_is_noticed_within_a_minute(airflow: PlainAirflow) -> None:
    done = disturbances.silent_failover(airflow, 120)

    assert (done.states, done.ran) == (SUCCESS, ONCE)
    assert done.seconds < 60


def test_a_worker_whose_subscription_breaks_begins_new_tasks(airflow: PlainAirflow) -> None:
    done = disturbances.broken_subscription(airflow, 60)

    assert set(done.states.values()) == {("success", 1)}
    assert set(Counter(done.ran).values()) == {1}, "a task ran twice"


def test_a_worker_whose_connections_break_begins_new_tasks_and_repeats_none(airflow: PlainAirflow) -> None:
    others, running = disturbances.broken_connections(airflow, 70)

    assert set(others.states.values()) == {("success", 1)}
    assert set(Counter(others.ran).values()) == {1}, "a task ran twice"
    assert (running.states, running.ran) == (SUCCESS, ONCE)


def test_a_redis_that_became_a_replica_ends_no_worker(airflow: PlainAirflow) -> None:
    run = disturbances.start_task(airflow, "one", 15)
    later = disturbances.read_only_redis(airflow, 6)
    running = disturbances.outcome(airflow, "one", run, 0, seconds=60)

    assert (running.states, later.states) == (SUCCESS, SUCCESS)
    assert (running.ran, later.ran) == (ONCE, ONCE)


def test_a_task_outlives_an_absence_of_the_webserver_longer_than_it_may_be_silent(
    airflow: PlainAirflow,
) -> None:
    done = disturbances.without_webserver(airflow, 60)

    assert (done.states, done.ran) == (SUCCESS, ONCE)


def test_a_worker_tries_to_reach_its_broker_however_long_it_takes(airflow: PlainAirflow) -> None:
    nowhere = {"KF_AIRFLOW_BROKER_HOST": "127.0.0.1"}
    worker = airflow.run_program("worker", "patient_worker_program.py", nowhere)

    ended = worker.wait(timeout=120)["StatusCode"]

    assert ended == 0, worker.logs(tail=20).decode()


def test_a_task_may_wait_longer_than_it_may_be_queued(airflow: PlainAirflow, waiting_run: str) -> None:
    # It has been sent again several times by now, and its messages have not piled up.
    assert airflow.stores.redis_says("LLEN", "nobody") == "1"
    with disturbances.another_worker(airflow, "nobody"):
        done = disturbances.outcome(airflow, "nobody", waiting_run, 0, seconds=90)

    assert (done.states, done.ran) == (SUCCESS, ONCE)


@pytest.mark.usefixtures("lost_message")
def test_a_task_outlives_that_its_message_comes_back(airflow: PlainAirflow) -> None:
    done = disturbances.redelivered(airflow)

    assert (done.states, done.ran) == (SUCCESS, ONCE)


def test_a_lost_message_is_sent_again(airflow: PlainAirflow, lost_message: tuple[str, float]) -> None:
    with disturbances.another_worker(airflow, "nobody"):
        done = disturbances.outcome(airflow, "nobody", *lost_message, seconds=90)

    assert (done.states, done.ran) == (SUCCESS, ONCE)


def test_the_task_of_a_killed_worker_is_run_again_and_succeeds_once(
    airflow: PlainAirflow, lost_worker: tuple[str, float]
) -> None:
    run, killed = lost_worker
    done = disturbances.outcome(airflow, "second_try", run, killed, seconds=150)

    assert (done.states, done.ran) == ({"work": ("success", 2)}, [("work", "began"), *ONCE])


def test_a_slot_is_free_again_although_its_worker_was_killed_before_there_was_a_result(
    airflow: PlainAirflow, lost_result: str
) -> None:
    database_disturbances.await_free_slot(airflow, lost_result, seconds=120)

    assert airflow.tasks("second_try", lost_result) == SUCCESS


def test_a_task_begins_although_its_results_are_refused_for_a_while(airflow: PlainAirflow) -> None:
    done, messages = database_disturbances.begins_without_results(airflow, 8)

    assert (done.states, done.ran, messages) == (SUCCESS, ONCE, 1)


def test_a_result_that_is_refused_for_good_keeps_a_worker_for_six_hours_and_no_longer(
    airflow: PlainAirflow,
) -> None:
    nowhere = {"KF_AIRFLOW_DATABASE_HOST": "127.0.0.1"}
    worker = airflow.run_program("worker", "refused_result_program.py", nowhere)

    ended = worker.wait(timeout=300)["StatusCode"]
    waited = worker.logs(stderr=False).decode()

    assert (ended, bool(waited)) == (0, True), worker.logs(tail=20).decode()
    assert 5.5 <= float(waited) / 3600 <= 6.5, waited


def test_a_task_and_its_result_outlive_a_restart_of_postgresql(airflow: PlainAirflow) -> None:
    done = database_disturbances.database_restarts(airflow, 25)

    assert (done.states, done.ran) == (SUCCESS, ONCE)
    disturbances.await_result(airflow, "one")


@pytest.mark.parametrize(("use", "seconds"), [("connects", 10), ("asks", 30), ("waits", 30)])
def test_a_database_that_vanishes_without_a_word_is_noticed(
    vanished_database: dict[str, float], use: str, seconds: float
) -> None:
    assert vanished_database.get(use, 900) < seconds + 10
