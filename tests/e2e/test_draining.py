"""A worker that has to go finishes its tasks, or ends them in time to be tried again elsewhere."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow_api import AirflowApi
from local_system import LocalSystem
from own_events import events
from waiting import wait_for

pytestmark = pytest.mark.e2e

DAG = "patience"
STOP_TIMEOUT_SECONDS = 120
HOARDING = {"AIRFLOW__CELERY__WORKER_CONCURRENCY": "1", "AIRFLOW__CELERY__WORKER_PREFETCH_MULTIPLIER": "4"}
"""One task at a time, with three messages in the hand: what is handed back can be counted."""


def instance(airflow: AirflowApi, run_id: str) -> dict[str, Any]:
    """The run's task instance."""
    (found,) = airflow.task_instances(DAG, run_id)
    return found


def begun(airflow: AirflowApi, seconds: int) -> tuple[str, dict[str, Any]]:
    """Starts a run whose task takes so long, and waits until it runs; returns both."""
    run_id = airflow.trigger(DAG, seconds=seconds)
    running = wait_for(
        f"the task of {run_id} runs",
        lambda: instance(airflow, run_id),
        lambda found: found["state"] == "running" and found["hostname"],
        timeout_seconds=90,
    )
    return run_id, running


def worker_of(system: LocalSystem, running: dict[str, Any]) -> dict[str, Any]:
    """The ECS task on which a task instance runs."""
    return next(task for task in system.tasks("worker") if system.task_address(task) == running["hostname"])


def protected(system: LocalSystem, task: dict[str, Any]) -> bool:
    """Whether ECS says that a task is protected."""
    answer = system.aws("ecs").get_task_protection(
        cluster=system.outputs["cluster_name"], tasks=[task["taskArn"]]
    )
    (found,) = answer["protectedTasks"]
    return bool(found["protectionEnabled"])


def described(system: LocalSystem, task: dict[str, Any]) -> dict[str, Any]:
    """The task as it is now; ECS knows a stopped one for a while."""
    answer = system.aws("ecs").describe_tasks(cluster=system.outputs["cluster_name"], tasks=[task["taskArn"]])
    found: dict[str, Any] = answer["tasks"][0]
    return found


def ended_by_itself(system: LocalSystem, task: dict[str, Any], *, timeout_seconds: float) -> bool:
    """Waits until a task is stopped; returns whether its container ended with success and was not killed."""
    stopped = wait_for(
        f"the worker {task['taskArn']} is stopped",
        lambda: described(system, task),
        lambda found: found["lastStatus"] == "STOPPED",
        timeout_seconds=timeout_seconds,
    )
    return [container.get("exitCode") for container in stopped["containers"]] == [0]


def test_a_worker_is_protected_while_a_task_runs_and_no_longer(
    system: LocalSystem, airflow: AirflowApi
) -> None:
    run_id, running = begun(airflow, seconds=40)
    worker = worker_of(system, running)

    wait_for("protection", lambda: protected(system, worker), bool, timeout_seconds=30)
    assert instance(airflow, run_id)["state"] == "running"

    assert airflow.wait_for_run(DAG, run_id)["state"] == "success"
    # The scheduled DAG `heartbeat` has a task a minute, too.
    wait_for("no protection", lambda: protected(system, worker), lambda seen: not seen, timeout_seconds=60)


@dataclass(frozen=True)
class Replaced:
    """A busy worker in the place of which a deployment put another.

    Attributes:
        worker: Its ECS task.
        run_id: The run whose task ran on it when the deployment began.
        began: When that was.
    """

    worker: dict[str, Any]
    run_id: str
    began: datetime


@pytest.fixture(scope="module")
def replaced(system: LocalSystem, airflow: AirflowApi) -> Iterator[Replaced]:
    """Rolls another task definition out while a task runs, and the first one again at the end."""
    before = system.service("worker")["taskDefinition"]
    # The one worker, so that no other takes the messages that it is to hold.
    system.scale("worker", 1)
    began = datetime.now(UTC)
    run_id, running = begun(airflow, seconds=120)
    worker = worker_of(system, running)
    try:
        system.redeploy("worker", HOARDING)
        yield Replaced(worker, run_id, began)
    finally:
        system.deploy("worker", before)
        system.wait_for_deployment("worker")


def test_a_deployment_waits_for_the_task_of_the_worker_it_replaces(
    system: LocalSystem, airflow: AirflowApi, replaced: Replaced
) -> None:
    assert airflow.wait_for_run(DAG, replaced.run_id)["state"] == "success"

    finished = instance(airflow, replaced.run_id)
    assert (finished["try_number"], finished["hostname"]) == (1, system.task_address(replaced.worker))
    assert ended_by_itself(system, replaced.worker, timeout_seconds=120)
    log = system.log("worker", "worker", replaced.worker)
    assert "it takes no more messages" in log.partition("told to end")[0], log[-2000:]


def test_a_protected_worker_tells_cloudwatch_for_how_long_it_has_been(
    system: LocalSystem, airflow: AirflowApi, replaced: Replaced
) -> None:
    airflow.wait_for_run(DAG, replaced.run_id)
    names = {"ClusterName": "cluster_name", "ServiceName": "worker_service_name"}

    told = system.aws("cloudwatch").get_metric_statistics(
        Namespace="KFAirflow",
        MetricName="ProtectedSeconds",
        Dimensions=[{"Name": name, "Value": system.outputs[output]} for name, output in names.items()],
        StartTime=replaced.began,
        EndTime=datetime.now(UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]

    assert 30 < max(point["Maximum"] for point in told) < 300, told


@dataclass(frozen=True)
class Stopped:
    """What was seen when a busy worker that held messages was stopped.

    Attributes:
        worker: Its ECS task.
        run_id: The run whose task ran on it.
        waiting: The runs whose messages it held.
        seconds: From SIGTERM until the task was up for retry.
    """

    worker: dict[str, Any]
    run_id: str
    waiting: list[str]
    seconds: float


@pytest.fixture(scope="module")
def stopped(system: LocalSystem, airflow: AirflowApi, replaced: Replaced) -> Stopped:
    """Stops a worker that runs a task and holds two messages, and waits until the task is given up."""
    run_id, running = begun(airflow, seconds=900)
    worker = worker_of(system, running)
    assert worker["taskArn"] != replaced.worker["taskArn"]
    waiting = [airflow.trigger(DAG, seconds=1) for _ in range(2)]
    wait_for(
        "both further messages with the worker",
        lambda: (int(system.redis("HLEN", "unacked")[0]), int(system.redis("LLEN", "default")[0])),
        # The scheduled DAG `heartbeat` sends messages, too.
        lambda seen: seen[0] >= 3 and seen[1] == 0,
        timeout_seconds=60,
    )
    system.aws("ecs").stop_task(cluster=system.outputs["cluster_name"], task=worker["taskArn"])
    # ECS takes it out of its target group first, for as long as requests to it may be under way.
    wait_for(
        "SIGTERM",
        lambda: system.log("worker", "worker", worker)[-2000:],
        lambda log: "told to end" in log,
        timeout_seconds=90,
        interval_seconds=0.5,
    )
    began = time.monotonic()
    wait_for(
        "the task is up for retry",
        lambda: instance(airflow, run_id),
        lambda found: found["try_number"] > 1 or found["state"] != "running",
        timeout_seconds=STOP_TIMEOUT_SECONDS + 60,
    )
    return Stopped(worker, run_id, waiting, time.monotonic() - began)


def test_a_stopped_worker_hands_back_what_it_has_not_begun(system: LocalSystem, stopped: Stopped) -> None:
    log = system.log("worker", "worker", stopped.worker)
    (drained,) = (one for one in events(log) if one["event"] == "worker-takes-no-messages")

    assert "told to end: it takes no more messages" in drained["message"]
    assert drained["handed_back"] >= len(stopped.waiting)
    assert [(task["dag_id"], task["run_id"]) for task in drained["running"]] == [(DAG, stopped.run_id)]


def test_what_was_handed_back_runs_elsewhere_at_its_first_try(
    system: LocalSystem, airflow: AirflowApi, stopped: Stopped
) -> None:
    for run_id in stopped.waiting:
        assert airflow.wait_for_run(DAG, run_id)["state"] == "success"
        finished = instance(airflow, run_id)
        assert finished["try_number"] == 1
        assert finished["hostname"] != system.task_address(stopped.worker)


def test_a_task_that_does_not_end_in_time_is_up_for_retry_before_the_worker_is_killed(
    stopped: Stopped,
) -> None:
    assert STOP_TIMEOUT_SECONDS - 30 < stopped.seconds < STOP_TIMEOUT_SECONDS


def test_the_log_of_the_try_that_was_cut_off_is_in_the_bucket(system: LocalSystem, stopped: Stopped) -> None:
    key = f"{system.outputs['log_prefix']}/dag_id={DAG}/run_id={stopped.run_id}/task_id=wait/attempt=1.log"
    stored = wait_for(
        key,
        lambda: [
            item["Key"]
            for item in system.aws("s3")
            .list_objects_v2(Bucket=system.outputs["log_bucket_name"], Prefix=key)
            .get("Contents", [])
        ],
        bool,
        timeout_seconds=30,
    )
    text = system.aws("s3").get_object(Bucket=system.outputs["log_bucket_name"], Key=stored[0])["Body"].read()

    assert b"PATIENCE try 1 begins" in text
    assert b"PATIENCE try 1 done" not in text


def test_the_worker_ends_by_itself(system: LocalSystem, stopped: Stopped) -> None:
    assert ended_by_itself(system, stopped.worker, timeout_seconds=60)


def test_the_retry_succeeds(airflow: AirflowApi, stopped: Stopped) -> None:
    assert airflow.wait_for_run(DAG, stopped.run_id)["state"] == "success"
    assert instance(airflow, stopped.run_id)["try_number"] == 2
