"""The local ECS: how long a task takes to start, against Docker alone, and what many tasks cost its loop."""

import operator
import statistics
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import docker
import pytest
from contract import Cloud
from contract_image import built_image
from project import ROOT
from stopwatch import seconds_of
from waiting import wait_for

LAUNCHER = [sys.executable, "-m", "kf_airflow_local"]
LOCALSTACK = "kf-airflow-local-localstack"
ROUNDS = 20
POLL_SECONDS = 0.02
WATCHED_SECONDS = 30
TASKS = (10, 50)
WORDS = ["run", "import time; time.sleep(3600)"]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """LocalStack without Airflow in it."""
    seconds_of([*LAUNCHER, "down"], cwd=ROOT)
    seconds_of([*LAUNCHER, "up", "--empty"], cwd=ROOT)
    cloud = Cloud(image=built_image())
    try:
        yield cloud
    finally:
        cloud.close()
        seconds_of([*LAUNCHER, "down"], cwd=ROOT)


@pytest.fixture(scope="module")
def definition(cloud: Cloud) -> str:
    return cloud.task_definition(cloud.container("main", *WORDS, essential=True, stopTimeout=2))


def started_by_ecs(cloud: Cloud, definition: str) -> float:
    """Returns the seconds from RunTask to RUNNING."""
    begun = time.perf_counter()
    task = cloud.run_task(definition)
    while cloud.task(task)["lastStatus"] != "RUNNING":
        time.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - begun
    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=task)
    cloud.wait_for_task(task, "STOPPED")
    return seconds


def started_by_docker(client: docker.DockerClient, image: str) -> float:
    """Returns the seconds `docker run` takes until the container runs."""
    begun = time.perf_counter()
    container = client.containers.run(image, WORDS, detach=True)
    while client.containers.get(str(container.id)).status != "running":
        time.sleep(POLL_SECONDS)
    seconds = time.perf_counter() - begun
    container.remove(force=True)
    return seconds


def test_how_long_a_task_takes_to_start_against_docker(
    cloud: Cloud, definition: str, report: dict[str, Any]
) -> None:
    client = docker.from_env()
    # The first task makes the cluster and its network, too: neither side counts its first.
    started_by_ecs(cloud, definition)
    started_by_docker(client, cloud.image)
    ecs, alone = [], []
    for _ in range(ROUNDS):  # in turns, so that whatever else the machine does meets both
        ecs.append(started_by_ecs(cloud, definition))
        alone.append(started_by_docker(client, cloud.image))
    report["task_start"] = {
        "rounds": ROUNDS,
        **{
            f"p{percent}_{name}_seconds": round(statistics.quantiles(seconds, n=100)[percent - 1], 3)
            for name, seconds in (("ecs", ecs), ("docker", alone))
            for percent in (50, 95)
        },
        "p50_times_docker": round(statistics.median(ecs) / statistics.median(alone), 2),
        "aim_times_docker": 1.5,
    }


def cpu_seconds(client: docker.DockerClient) -> float:
    """Returns the CPU time of LocalStack so far."""
    stats: Any = client.containers.get(LOCALSTACK).stats(stream=False)
    return float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


def test_what_many_tasks_cost(cloud: Cloud, definition: str, report: dict[str, Any]) -> None:
    client = docker.from_env()
    shares: dict[str, float] = {}
    with cloud.service(definition, count=0) as service:
        for count in TASKS:
            cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, desiredCount=count)
            wait_for(
                f"{count} tasks run",
                lambda: cloud.described(service)["runningCount"],
                partial(operator.eq, count),
                timeout_seconds=300,
            )
            time.sleep(10)
            before, begun = cpu_seconds(client), time.perf_counter()
            time.sleep(WATCHED_SECONDS)
            used, passed = cpu_seconds(client) - before, time.perf_counter() - begun
            shares[f"percent_of_a_core_at_{count}_tasks"] = round(100 * used / passed, 1)
        # Else the cluster, which comes next, would wait for all of them.
        cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, desiredCount=0)
        wait_for(
            "no task runs",
            lambda: cloud.described(service)["runningCount"],
            lambda running: running == 0,
            timeout_seconds=300,
        )
    report["tasks"] = {**shares, "watched_seconds": WATCHED_SECONDS, "aim_percent_at_50_tasks": 10}
