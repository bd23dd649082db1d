"""What is next for one service, without Docker."""

from datetime import UTC, datetime, timedelta

import pytest

from localstack_dataplane.ecs.deployment import (
    Deployment,
    ServiceView,
    TaskSummary,
    failure_threshold,
    plan_service,
    start_delay,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NEW = Deployment(id="new", primary=True)
OLD = Deployment(id="old", primary=False, state="COMPLETED")


def task(name, deployment="new", *, healthy=True, running=True, age=0, unhealthy="", protected=False):
    return TaskSummary(
        id=name,
        deployment=deployment,
        running=running,
        healthy=healthy,
        created_at=NOW - timedelta(seconds=age),
        unhealthy=unhealthy,
        protected=protected,
    )


def plan(desired, *tasks, deployments=(NEW,), **values):
    service = ServiceView(name="s", desired=desired, deployments=deployments, tasks=tasks, **values)
    return plan_service(service, NOW)


def test_a_service_without_tasks_starts_all_of_them():
    assert plan(2).start == 2


def test_a_service_with_enough_tasks_is_at_rest():
    found = plan(2, task("a"), task("b"))
    assert (found.start, found.stop, found.at_rest, found.completed) == (0, {}, True, True)


def test_it_is_not_at_rest_while_a_task_is_not_healthy():
    assert not plan(1, task("a", healthy=False)).at_rest


def test_a_missing_task_is_replaced():
    assert plan(2, task("a")).start == 1


def test_an_unhealthy_task_is_stopped_and_replaced_in_the_same_step():
    found = plan(2, task("a"), task("b", healthy=False, unhealthy="why"))
    assert (found.start, found.stop) == (1, {"b": "why"})


def test_scaling_in_stops_what_does_not_run_first_and_then_the_youngest():
    tasks = (task("old", age=9), task("young", age=1), task("pending", running=False, healthy=False))
    assert set(plan(2, *tasks).stop) == {"pending"}
    assert set(plan(1, *tasks).stop) == {"pending", "young"}


def test_scaling_in_stops_what_is_not_protected():
    tasks = (task("old", age=9), task("young", age=1, protected=True))
    assert set(plan(1, *tasks).stop) == {"old"}
    assert set(plan(0, *tasks).stop) == {"old"}


def test_a_protected_task_that_is_unhealthy_is_replaced():
    assert plan(1, task("a", unhealthy="why", protected=True)).stop == {"a": "why"}


def test_an_idle_service_wants_no_task():
    found = plan(0)
    assert (found.start, found.at_rest) == (0, True)


BOTH = {"deployments": (NEW, OLD)}


def test_a_new_task_starts_before_the_old_one_stops():
    found = plan(1, task("a", "old"), **BOTH)
    assert (found.start, found.stop) == (1, {})


def test_a_deployment_waits_for_a_protected_task():
    found = plan(1, task("a", "old", protected=True), task("b"), **BOTH)
    assert (found.stop, found.at_rest, found.completed) == ({}, False, False)


def test_a_protected_task_takes_the_place_of_its_successor_where_there_is_no_room():
    found = plan(1, task("a", "old", protected=True), minimum_percent=0, maximum_percent=100, **BOTH)
    assert (found.start, found.stop) == (0, {})


def test_the_old_task_stays_while_the_new_one_is_not_healthy():
    assert plan(1, task("a", "old"), task("b", healthy=False), **BOTH).stop == {}


def test_the_old_task_stops_once_the_new_one_is_healthy():
    assert set(plan(1, task("a", "old"), task("b"), **BOTH).stop) == {"a"}


def test_the_maximum_percent_limits_how_many_start():
    tasks = [task(str(number), "old") for number in range(4)]
    assert plan(4, *tasks, maximum_percent=150, **BOTH).start == 2


def test_the_minimum_percent_keeps_healthy_tasks():
    tasks = [task(str(number), "old") for number in range(4)]
    found = plan(4, *tasks, minimum_percent=50, maximum_percent=100, **BOTH)
    assert (len(found.stop), found.start) == (2, 0)


def test_with_a_maximum_of_100_percent_the_new_task_waits_until_the_old_one_is_gone():
    percents = {"minimum_percent": 0, "maximum_percent": 100}
    found = plan(1, task("a", "old"), **percents, **BOTH)
    assert (set(found.stop), found.start) == ({"a"}, 0)
    assert plan(1, stopping=1, **percents, **BOTH).start == 0
    assert plan(1, stopping=0, **percents, **BOTH).start == 1


def test_an_old_deployment_is_over_when_its_last_task_is_gone():
    assert plan(1, task("b"), stopping=1, **BOTH).retired == ()
    assert plan(1, task("b"), **BOTH).retired == ("old",)


def test_a_deployment_completes_once():
    done = Deployment(id="new", primary=True, state="COMPLETED")
    assert not plan(1, task("a"), deployments=(done,)).completed


@pytest.mark.parametrize(("desired", "threshold"), [(1, 3), (6, 3), (7, 4), (1000, 200)])
def test_the_circuit_breaker_trips_at_half_of_the_wanted_tasks(desired, threshold):
    assert failure_threshold(desired) == threshold


def failing(count, seconds_ago=0):
    return Deployment(
        id="new", primary=True, failed_tasks=count, last_failure=NOW - timedelta(seconds=seconds_ago)
    )


def test_a_tripped_circuit_breaker_fails_the_deployment_and_goes_back():
    found = plan(1, deployments=(failing(3), OLD), circuit_breaker=True, rollback=True)
    assert (found.failed, found.rollback, found.start) == ("tasks failed to start.", True, 0)


def test_without_an_earlier_deployment_there_is_nothing_to_go_back_to():
    assert not plan(1, deployments=(failing(3),), circuit_breaker=True, rollback=True).rollback


def test_without_circuit_breaker_the_service_goes_on_trying():
    assert plan(1, deployments=(failing(9, seconds_ago=61),)).start == 1


def test_starts_are_held_back_after_repeated_failures():
    assert plan(1, deployments=(failing(5, seconds_ago=7),)).start == 0
    assert plan(1, deployments=(failing(5, seconds_ago=9),)).start == 1


@pytest.mark.parametrize(("failed", "delay"), [(0, 0), (2, 0), (3, 2), (4, 4), (30, 60)])
def test_the_delay_doubles_up_to_a_minute(failed, delay):
    assert start_delay(failed) == delay


def test_a_failed_deployment_starts_nothing():
    failed = Deployment(id="new", primary=True, state="FAILED")
    assert plan(1, task("a", "old"), deployments=(failed, OLD)).start == 0
