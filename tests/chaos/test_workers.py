"""Workers that are killed, taken away and replaced while they are at work."""

from typing import Any

import requests
from chaos_ledger import Ledger
from chaos_load import Load, Survive
from local_system import LocalSystem

SPOT_INTERRUPTION = "http://localhost:4566/_dataplane/spot-interruption"


def busiest(system: LocalSystem, ledger: Ledger, load: Load) -> dict[str, Any]:
    """The ECS task of the worker on which most tasks are at work."""
    address = ledger.busiest_worker(load.run)
    return next(task for task in system.tasks("worker") if system.task_address(task) == address)


def test_a_worker_that_is_killed_loses_nothing(system: LocalSystem, ledger: Ledger, survive: Survive) -> None:
    verdict = survive(
        "kill -9 of a busy worker",
        lambda load: system.kill("worker", task=busiest(system, ledger, load)["taskArn"]),
    )

    assert verdict.good, verdict
    assert verdict.cut_off > 0, "the worker that was killed had no task"


def test_a_worker_that_is_stopped_loses_nothing(
    system: LocalSystem, ledger: Ledger, survive: Survive
) -> None:
    def stop(load: Load) -> None:
        task = busiest(system, ledger, load)["taskArn"]
        system.aws("ecs").stop_task(cluster=system.outputs["cluster_name"], task=task)

    verdict = survive("StopTask of a busy worker", stop)

    assert verdict.good, verdict


def test_a_spot_notice_loses_nothing(system: LocalSystem, ledger: Ledger, survive: Survive) -> None:
    def interrupt(_: Load) -> None:
        task = next(task for task in system.tasks("worker") if task["capacityProviderName"] == "FARGATE_SPOT")
        requests.post(SPOT_INTERRUPTION, json={"task": task["taskArn"]}, timeout=10).raise_for_status()

    verdict = survive("Spot notice", interrupt)

    assert verdict.good, verdict


def test_a_deployment_under_way_cuts_no_task_off(system: LocalSystem, survive: Survive) -> None:
    verdict = survive(
        "rolling deployment of the workers, tasks of half a minute running",
        lambda _: system.redeploy("worker"),
        seconds=(20.0, 40.0),
    )

    assert verdict.good, verdict
    assert verdict.cut_off == 0, verdict
