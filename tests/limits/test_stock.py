"""The same under Airflow's defaults: each disturbance does its harm (`nox -s limits -- --stock`)."""

import json

import database_disturbances
import disturbances
import pytest
from plain_airflow import PlainAirflow

pytestmark = pytest.mark.stock


def test_a_task_fails_that_waits_longer_than_it_may_be_queued(stock: PlainAirflow) -> None:
    run = stock.api.trigger("nobody")
    done = disturbances.outcome(stock, "nobody", run, 0, seconds=150)

    assert (done.states["work"][0], done.ran) == ("failed", [])


def _new_scheduler(stock: PlainAirflow, **changes: str) -> None:
    """Another scheduler, which does not fail the tasks for having waited."""
    stock.kill(stock.scheduler)
    stock.scheduler = stock.new_scheduler(
        {"AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "1000", **changes}
    )
    disturbances.await_scheduler(stock)


def test_tasks_fail_while_redis_is_away(stock: PlainAirflow) -> None:
    _new_scheduler(stock)
    burst, _ = disturbances.burst_without_redis(stock, 45)

    assert "failed" in {state for state, _ in burst.states.values()}


def test_retries_of_celery_stop_the_scheduler(stock: PlainAirflow) -> None:
    policy = {"max_retries": None, "interval_start": 0, "interval_step": 0.2, "interval_max": 1}
    _new_scheduler(
        stock,
        AIRFLOW__CELERY__OPERATION_TIMEOUT="5",
        AIRFLOW__CELERY__TASK_PUBLISH_MAX_RETRIES="100000",
        AIRFLOW__CELERY__EXTRA_CELERY_CONFIG=json.dumps({"task_publish_retry_policy": policy}),
    )
    _, health = disturbances.burst_without_redis(stock, 60)

    assert set(health) != {200}
    _new_scheduler(stock)


def test_a_worker_stays_deaf_when_redis_vanishes_without_a_word(stock: PlainAirflow) -> None:
    with pytest.raises(AssertionError, match="not within 60 s"):
        disturbances.silent_failover(stock, 60)
    stock.kill(stock.worker)
    stock.worker = stock.new_worker()


def test_a_worker_ends_whose_redis_became_a_replica(stock: PlainAirflow) -> None:
    disturbances.read_only_redis(stock, 6)

    assert stock.worker.wait(timeout=60)["StatusCode"] == 0
    stock.kill(stock.worker)
    stock.worker = stock.new_worker()


def test_a_worker_gives_its_broker_up(stock: PlainAirflow) -> None:
    nowhere = {"KF_AIRFLOW_BROKER_HOST": "127.0.0.1"}
    worker = stock.run_program("worker", "patient_worker_program.py", nowhere)

    assert worker.wait(timeout=120)["StatusCode"] == 1


def test_a_task_whose_results_are_refused_for_a_while_fails_or_waits_until_it_is_sent_again(
    stock: PlainAirflow,
) -> None:
    done, messages = database_disturbances.begins_without_results(stock, 8)

    assert done.states["work"][0] == "failed" or messages == 2


def test_a_slot_is_held_for_good_whose_worker_was_killed_before_there_was_a_result(
    stock: PlainAirflow,
) -> None:
    run = database_disturbances.lost_result(stock)

    with pytest.raises(AssertionError, match="no slot is held"):
        database_disturbances.await_free_slot(stock, run, seconds=150)


def test_a_database_that_vanishes_without_a_word_is_not_noticed(stock: PlainAirflow) -> None:
    bare = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_disturbances.BARE_URL}

    noticed = database_disturbances.vanished_database(stock, bare)

    # A question may end early here: a Docker network, unlike AWS's, says at times that nobody is there.
    assert not {"connects", "waits"} & set(noticed)
    disturbances.await_scheduler(stock)


def test_a_task_does_not_outlive_the_absence_of_the_webserver(stock: PlainAirflow) -> None:
    done = disturbances.without_webserver(stock, 60)

    assert (done.states["work"][0], done.ran) == ("failed", [("work", "began")])


def test_a_task_is_ended_whose_message_comes_back_after_its_token_has_expired(stock: PlainAirflow) -> None:
    done = disturbances.redelivered(stock)

    assert (done.states["work"][0], done.ran) == ("failed", [("work", "began")])
