"""The alarms of a deployment: what each watches, from when on, and what to do then."""

from __future__ import annotations

from collections.abc import Iterator

from kf_airflow.alarm import Alarm
from kf_airflow.metric import (
    DAG_PROCESSOR_HEARTBEAT_SECONDS,
    OLDEST_QUEUED_SECONDS,
    PROTECTED_SECONDS,
    SCHEDULER_HEARTBEAT_SECONDS,
    STUCK_TASKS,
    TRIGGERER_HEARTBEAT_SECONDS,
    UNSENT_LOGS,
)
from kf_airflow.observed import Observed
from kf_airflow.options import ObservabilityOptions

# Airflow calls a scheduler dead after 30 s, a DAG processor after 50 s, a triggerer after 30 s.
_SILENT_SECONDS = 60
_QUEUE_AGE_MINUTES = 5
_GIB = 2**30


def alarms_of(name: str, observed: Observed, options: ObservabilityOptions) -> list[Alarm]:
    """Returns all alarms of a deployment.

    Args:
        name: What the deployment is called; the names of its services may begin with it.
        observed: What is watched.
        options: From when on it is too much.

    Raises:
        ValueError: if an alarm could never be given.
    """
    return [
        *_of_processes(observed),
        *_of_tasks(observed, options),
        *_of_workers(name, observed, options),
        *_of_database(observed, options),
        *_of_broker(observed, options),
        *_of_load_balancer(observed, options),
    ]


def _of_processes(observed: Observed) -> Iterator[Alarm]:
    processes = (
        ("scheduler", SCHEDULER_HEARTBEAT_SECONDS, "no task begins"),
        ("dag-processor", DAG_PROCESSOR_HEARTBEAT_SECONDS, "changes of DAGs are not seen"),
        ("triggerer", TRIGGERER_HEARTBEAT_SECONDS, "deferred tasks do not go on"),
    )
    for name, metric, consequence in processes:
        yield Alarm(
            id=f"{name}-silent",
            page="a-process-is-silent",
            metric=observed.of_service(metric, observed.airflow),
            statistic="Minimum",
            threshold=_SILENT_SECONDS,
            bad_minutes=3,
            minutes=3,
            # One that was ended has no heartbeat to publish, and where `metrics` is away nobody knows.
            missing="breaching",
            meaning=f"No {name} has sent a heartbeat for 3 minutes, or nobody measures it: {consequence}.",
            remedy=(
                f"See the log of the container {name} of {observed.airflow}, then that of `metrics`; if the "
                "database is well, force a new deployment of the service."
            ),
        )


def _of_tasks(observed: Observed, options: ObservabilityOptions) -> Iterator[Alarm]:
    yield Alarm(
        id="tasks-stuck",
        page="tasks-are-stuck",
        metric=observed.of_service(STUCK_TASKS, observed.airflow),
        statistic="Maximum",
        threshold=1,
        bad_minutes=3,
        minutes=3,
        # Who does not measure does not know that it is over.
        missing="ignore",
        meaning="Tasks were queued for so long that they were sent again, or run without a heartbeat.",
        remedy="See whether workers take messages (Flower), and the scheduler's log.",
    )
    age = _queue_age_minutes(observed, options)
    for queue, service in observed.queues.items():
        yield Alarm(
            id=f"queue-{queue}-old",
            page="a-queue-is-old",
            metric=observed.of_queue(OLDEST_QUEUED_SECONDS, queue),
            statistic="Maximum",
            threshold=age * 60,
            bad_minutes=2,
            minutes=2,
            missing="ignore",
            meaning=f"A task has waited for {age:g} minutes in the queue {queue}.",
            remedy=(
                f"See whether {service} has workers and whether they are well; if it has as many as it may, "
                "raise max_count or concurrency."
            ),
        )


def _of_workers(name: str, observed: Observed, options: ObservabilityOptions) -> Iterator[Alarm]:
    for service in observed.workers:
        pool = service.removeprefix(f"{name}-")
        if service in observed.target_groups and observed.load_balancer:
            yield Alarm(
                id=f"{pool}-unhealthy",
                page="a-worker-is-unhealthy",
                metric=observed.of_targets("UnHealthyHostCount", service),
                statistic="Maximum",
                threshold=1,
                bad_minutes=3,
                minutes=5,
                # A pool that has no workers has none that is unhealthy.
                missing="notBreaching",
                meaning=f"Workers of {service} fail their health check, and new ones are no better.",
                remedy="See the events of the service and the last lines of the workers' log.",
            )
        yield Alarm(
            id=f"{pool}-protected-long",
            page="a-worker-is-protected-for-long",
            metric=observed.of_service(PROTECTED_SECONDS, service),
            statistic="Maximum",
            threshold=options.protection_minutes * 60,
            # Once a minute from each worker, a little later each time: now and then a minute has none.
            bad_minutes=2,
            minutes=5,
            # Published by the worker, while it is.
            missing="notBreaching",
            meaning=f"ECS may not stop a worker of {service} since {options.protection_minutes / 60:g} h.",
            remedy=(
                "Deployments wait for it: find the task that runs for so long in Airflow, and end it if it "
                "hangs."
            ),
        )
        yield Alarm(
            id=f"{pool}-logs-unsent",
            page="logs-are-not-uploaded",
            metric=observed.of_service(UNSENT_LOGS, service),
            statistic="Maximum",
            threshold=1,
            # As above.
            bad_minutes=5,
            minutes=7,
            # Published while there are some.
            missing="notBreaching",
            meaning=f"Logs of ended tasks lie on workers of {service}: the bucket does not take them.",
            remedy=(
                "See the workers' log for what S3 says; they try again, and are kept from being stopped "
                "meanwhile."
            ),
        )


def _of_database(observed: Observed, options: ObservabilityOptions) -> Iterator[Alarm]:
    if observed.database is None:
        return
    yield Alarm(
        id="database-storage",
        page="the-database-is-full",
        metric=observed.of_database("FreeStorageSpace"),
        statistic="Minimum",
        threshold=options.free_storage_gib * _GIB,
        below=True,
        bad_minutes=3,
        minutes=5,
        missing="missing",
        meaning=f"The database has no more than {options.free_storage_gib} GiB left; a full one stops.",
        remedy=(
            "Raise database.max_allocated_storage_gib or database.allocated_storage_gib, and clean up with "
            "`airflow db clean`."
        ),
    )
    if observed.max_connections is not None:
        most = observed.max_connections * options.connections_percent // 100
        yield Alarm(
            id="database-connections",
            page="the-database-has-no-connections-left",
            metric=observed.of_database("DatabaseConnections"),
            statistic="Maximum",
            threshold=most,
            bad_minutes=3,
            minutes=5,
            missing="missing",
            meaning=f"{most} of the database's {observed.max_connections} connections are in use.",
            remedy="See whose they are (pg_stat_activity); take a larger database.instance_class or a proxy.",
        )


def _of_broker(observed: Observed, options: ObservabilityOptions) -> Iterator[Alarm]:
    for number, node in enumerate(observed.cache_nodes, start=1):
        yield Alarm(
            id=f"broker-{number}-memory",
            page="the-broker-is-full",
            metric=observed.of_cache("DatabaseMemoryUsagePercentage", node),
            statistic="Maximum",
            threshold=options.memory_percent,
            bad_minutes=3,
            minutes=5,
            missing="missing",
            meaning=f"{node} uses {options.memory_percent} % of its memory; a full broker takes no tasks.",
            remedy="See which keys are large (`redis-cli --bigkeys`); take a larger broker.node_type.",
        )
        yield Alarm(
            id=f"broker-{number}-evictions",
            page="the-broker-drops-messages",
            metric=observed.of_cache("Evictions", node),
            statistic="Sum",
            threshold=1,
            bad_minutes=1,
            minutes=1,
            missing="notBreaching",
            meaning=f"{node} has dropped keys for want of memory: messages of tasks may be lost.",
            remedy=(
                "Set maxmemory-policy to noeviction and take a larger broker.node_type; Airflow sends what "
                "is lost again after task_queued_timeout_seconds."
            ),
        )


def _of_load_balancer(observed: Observed, options: ObservabilityOptions) -> Iterator[Alarm]:
    if observed.load_balancer is None:
        return
    found = []
    if observed.airflow in observed.target_groups:
        found.append(
            (
                "webserver-errors",
                observed.of_targets("HTTPCode_Target_5XX_Count", observed.airflow),
                "The webserver answers with server errors (5xx)",
                "See the log of the container webserver, and whether the database is well.",
            )
        )
    if observed.own_load_balancer:
        found.append(
            (
                "load-balancer-errors",
                observed.of_load_balancer("HTTPCode_ELB_5XX_Count"),
                "The load balancer finds nobody who answers (502, 503, 504)",
                f"See the events of {observed.airflow} and the health of its target group.",
            )
        )
    for id_, metric, meaning, remedy in found:
        yield Alarm(
            id=id_,
            page="server-errors",
            metric=metric,
            statistic="Sum",
            threshold=options.errors_per_minute + 1,
            bad_minutes=3,
            minutes=5,
            # Where there were none, the load balancer publishes nothing.
            missing="notBreaching",
            meaning=f"{meaning}, more than {options.errors_per_minute} times a minute.",
            remedy=remedy,
        )


def _queue_age_minutes(observed: Observed, options: ObservabilityOptions) -> float:
    """Returns from which wait on a queue is too old: one that a queued task can reach."""
    longest = observed.queued_timeout_seconds
    minutes = options.queue_age_minutes
    if minutes is None:
        return min(_QUEUE_AGE_MINUTES, longest / 120)
    if minutes * 60 >= longest:
        raise ValueError(
            f"queue_age_minutes is {minutes}: allowed is less than task_queued_timeout_seconds, {longest} s, "
            "after which a task is sent again and begins to wait anew"
        )
    return minutes
