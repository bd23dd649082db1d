"""A burst of tasks: workers come, do the work, and go again without taking a task with them."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from chaos_load import Load, Survive
from local_system import LocalSystem
from waiting import wait_for

BURST = int(os.environ.get("CHAOS_BURST", "500"))
FEWEST, MOST = 1, 3


def running(system: LocalSystem) -> dict[str, int]:
    service = system.service("worker")
    return {"wanted": service["desiredCount"], "running": service["runningCount"]}


@pytest.fixture
def one_worker(system: LocalSystem) -> Iterator[LocalSystem]:
    """The system with the fewest workers, and with as many as before afterwards."""
    scaling = system.aws("application-autoscaling")
    target: dict[str, Any] = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{system.outputs['cluster_name']}/{system.outputs['worker_service_name']}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    before = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]])[
        "ScalableTargets"
    ][0]
    count = system.service("worker")["desiredCount"]
    scaling.register_scalable_target(**target, MinCapacity=FEWEST)
    try:
        system.scale("worker", FEWEST)
        system.release("worker")
        yield system
    finally:
        scaling.register_scalable_target(**target, MinCapacity=before["MinCapacity"])
        system.scale("worker", count)
        system.release("worker")


def test_a_burst_brings_workers_that_go_again_and_no_task_is_lost(
    one_worker: LocalSystem, survive: Survive
) -> None:
    def await_workers(_: Load) -> None:
        wait_for(
            f"{MOST} workers run",
            lambda: running(one_worker),
            lambda seen: seen["running"] == MOST,
            timeout_seconds=180,
        )

    verdict = survive(
        f"burst of {BURST}: from {FEWEST} worker to {MOST}", await_workers, tasks=BURST, seconds=(0.5, 2.0)
    )

    assert verdict.good, verdict
    wait_for(
        f"{FEWEST} worker is left",
        lambda: running(one_worker),
        lambda seen: seen == {"wanted": FEWEST, "running": FEWEST},
        timeout_seconds=600,
    )
