"""The same under Airflow's defaults: each disturbance does its harm (`nox -s limits -- --stock`)."""

import json

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


def test_a_task_does_not_outlive_the_absence_of_the_webserver(stock: PlainAirflow) -> None:
    done = disturbances.without_webserver(stock, 60)

    assert (done.states["work"][0], done.ran) == ("failed", [("work", "began")])


def test_a_task_is_ended_whose_message_comes_back_after_its_token_has_expired(stock: PlainAirflow) -> None:
    done = disturbances.redelivered(stock)

    assert (done.states["work"][0], done.ran) == ("failed", [("work", "began")])
