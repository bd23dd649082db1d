"""Each alarm is told of once its reason is there, and again when it is over. `nox -s alarms` runs it.

What takes a day by default, a worker that is protected for long, takes three minutes there; the day is tested
in `tests/unit/test_long_protection.py`.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import alarm_causes as causes
import pytest
from alarm_mail import AlarmMail, alarm_mail
from faults import fault
from local_system import LocalSystem
from waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.alarms]

WHILE_AIRFLOW_RUNS = (
    *("queue-default-old", "tasks-stuck", "worker-unhealthy"),
    *("database-storage", "database-connections", "broker-1-memory", "broker-1-evictions"),
    "webserver-errors",
)
WITHOUT_AIRFLOW = (*("scheduler-silent", "dag-processor-silent", "triggerer-silent", "load-balancer-errors"),)
# A worker with unsent logs is kept from being stopped.
WITHOUT_S3 = ("worker-logs-unsent", "worker-protected-long")
EVENTS = ("migration-failed", "deployment-failed")


def named(system: LocalSystem, *alarms: str) -> set[str]:
    return {f"{system.outputs['cluster_name']}-{alarm}" for alarm in alarms}


@pytest.fixture(scope="module")
def system() -> LocalSystem:
    return LocalSystem()


@pytest.fixture(scope="module")
def mail(system: LocalSystem) -> Iterator[AlarmMail]:
    with alarm_mail(system) as subscribed:
        yield subscribed


@pytest.fixture(scope="module")
def caused(system: LocalSystem, mail: AlarmMail) -> AlarmMail:
    """All that goes wrong while Airflow runs, at once: each takes minutes, and none hides another."""
    airflow = system.airflow()
    (connections,) = named(system, "database-connections")
    with ExitStack() as stack:
        stack.enter_context(causes.broken_migration(system))
        stack.enter_context(causes.full_database_disk(system, mebibytes=1500))
        stack.enter_context(causes.many_connections(system, alarm=connections, seconds=480))
        stack.enter_context(causes.webserver_errors(system))
        stack.enter_context(causes.full_broker(system, percent=90))
        stack.enter_context(causes.frozen_workers(system))
        airflow.trigger("smoke")
        wanted = named(system, *WHILE_AIRFLOW_RUNS) - named(system, "broker-1-evictions")
        seen = _wait(mail, wanted, timeout_seconds=600)
        stack.enter_context(causes.evicting_broker(system))
        causes.settle(10)
        causes.write_more(system, mebibytes=200)
        seen |= _wait(mail, named(system, "broker-1-evictions"), timeout_seconds=240)
        wait_for(
            "both events",
            lambda: {event: mail.told(f"{event}: ") for event in EVENTS},
            lambda told: all(told.values()),
            timeout_seconds=240,
        )
    return mail


@pytest.fixture(scope="module")
def unsent(system: LocalSystem, caused: AlarmMail) -> AlarmMail:
    """S3 takes no logs while a run's tasks end."""
    system.wait_until_whole(timeout_seconds=420)
    with fault("s3", "PutObject", error="ServiceUnavailable", status=503):
        system.airflow().trigger("smoke")
        _wait(caused, named(system, *WITHOUT_S3), timeout_seconds=600)
    return caused


@pytest.fixture(scope="module")
def silent(system: LocalSystem, caused: AlarmMail) -> AlarmMail:
    """What goes wrong without Airflow."""
    with causes.nobody_answers(system):
        _wait(caused, named(system, *WITHOUT_AIRFLOW), timeout_seconds=480)
    return caused


def _wait(mail: AlarmMail, wanted: set[str], *, timeout_seconds: float) -> set[str]:
    """Waits for alarms; those that were not told of are left to the tests that ask for each."""
    try:
        return wait_for(
            "all alarms",
            lambda: set(mail.alarms()),
            lambda told: wanted <= told,
            timeout_seconds=timeout_seconds,
            interval_seconds=5,
        )
    except AssertionError:
        return set(mail.alarms())


@pytest.mark.parametrize("alarm", WHILE_AIRFLOW_RUNS)
def test_an_alarm_is_told_of_when_its_reason_is_there(
    system: LocalSystem, caused: AlarmMail, alarm: str
) -> None:
    (name,) = named(system, alarm)

    assert name in caused.alarms()
    assert "docs/observability.md#" in caused.alarms()[name]["AlarmDescription"]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_is_told_of_in_a_sentence(system: LocalSystem, caused: AlarmMail, event: str) -> None:
    sentence = caused.told(f"{event}: ")[0]

    assert system.outputs["airflow_service_name"] in sentence or "task/" in sentence
    assert "<" not in sentence


@pytest.mark.parametrize("alarm", WITHOUT_S3)
def test_logs_that_s3_does_not_take_and_their_worker_are_told_of(
    system: LocalSystem, unsent: AlarmMail, alarm: str
) -> None:
    assert named(system, alarm) <= set(unsent.alarms())


@pytest.mark.parametrize("alarm", WITHOUT_AIRFLOW)
def test_without_airflow_the_alarms_of_its_silence_are_told_of(
    system: LocalSystem, silent: AlarmMail, alarm: str
) -> None:
    assert named(system, alarm) <= set(silent.alarms())


def test_when_it_is_over_that_is_told_as_well(system: LocalSystem, silent: AlarmMail) -> None:
    wanted = named(system, "scheduler-silent", "database-storage")

    def over() -> set[str]:
        began, ended = silent.alarms(), silent.alarms("OK")
        return {
            name
            for name in wanted
            if name in ended and ended[name]["StateChangeTime"] > began[name]["StateChangeTime"]
        }

    wait_for("the end of the alarms", over, lambda seen: seen == wanted, timeout_seconds=420)
