"""Services: rolling deployments, their circuit breaker, and what keeps the tasks there.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from contract import Cloud, states_until, wait_for

INIT = {"linuxParameters": {"initProcessEnabled": True}}
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


@pytest.fixture(scope="module")
def definitions(cloud: Cloud) -> list[str]:
    """Two task definitions that do nothing."""
    return [
        cloud.task_definition(cloud.container("main", "run", "import time; time.sleep(600)", **INIT))
        for _ in range(2)
    ]


def wait_for_service(
    cloud: Cloud, service: str, what: str, until: Callable[[dict[str, Any]], object], seconds: float = 60
) -> dict[str, Any]:
    return wait_for(
        f"{service} {what}",
        lambda: cloud.described(service),
        until,
        timeout_seconds=seconds,
        interval_seconds=0.25,
    )


def is_stable(service: dict[str, Any]) -> bool:
    """As `aws ecs wait services-stable` says it, and its deployment complete."""
    return (
        len(service["deployments"]) == 1
        and service["runningCount"] == service["desiredCount"]
        and service["deployments"][0]["rolloutState"] == "COMPLETED"
    )


def stable(cloud: Cloud, service: str, seconds: float = 60) -> dict[str, Any]:
    return wait_for_service(cloud, service, "is stable", is_stable, seconds)


def update(cloud: Cloud, service: str, **changes: Any) -> None:
    cloud.client("ecs").update_service(cluster=cloud.cluster, service=service, **changes)


def running(cloud: Cloud, service: str) -> list[dict[str, Any]]:
    return [task for task in cloud.tasks_of(service) if task["lastStatus"] == "RUNNING"]


@pytest.fixture(scope="module")
def service(cloud: Cloud, definitions: list[str]) -> Iterator[str]:
    """A service of two tasks that is stable."""
    with cloud.service(definitions[0], count=2) as name:
        stable(cloud, name)
        yield name


def test_a_service_that_is_as_wanted_says_so(cloud: Cloud, service: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html
    described = wait_for_service(
        cloud, service, "has told that it is steady", lambda found: "steady" in found["events"][0]["message"]
    )

    assert described["events"][0]["message"] == f"(service {service}) has reached a steady state."
    assert (described["runningCount"], described["pendingCount"]) == (2, 0)


def test_the_waiter_is_content_with_a_stable_service(cloud: Cloud, service: str) -> None:
    # https://docs.aws.amazon.com/cli/latest/reference/ecs/wait/services-stable.html
    cloud.client("ecs").get_waiter("services_stable").wait(
        cluster=cloud.cluster, services=[service], WaiterConfig={"Delay": 1, "MaxAttempts": 10}
    )


def test_the_tasks_of_a_service_carry_its_name_and_deployment(cloud: Cloud, service: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
    deployment = cloud.described(service)["deployments"][0]["id"]

    assert {(task["group"], task["startedBy"]) for task in cloud.tasks_of(service)} == {
        (f"service:{service}", deployment)
    }


def test_a_rolling_deployment_keeps_the_minimum_and_shows_both_deployments(
    cloud: Cloud, service: str, definitions: list[str]
) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
    seen: list[tuple[int, int, tuple[str, ...]]] = []

    def look() -> dict[str, Any]:
        found = cloud.described(service)
        tasks = cloud.tasks_of(service)
        states = tuple(item["status"] for item in found["deployments"])
        seen.append((sum(task["lastStatus"] == "RUNNING" for task in tasks), len(tasks), states))
        return found

    update(cloud, service, taskDefinition=definitions[1])
    wait_for("the deployment is complete", look, is_stable, timeout_seconds=90, interval_seconds=0.25)

    assert min(count for count, _, _ in seen) >= 2
    assert max(count for _, count, _ in seen) <= 4
    assert ("PRIMARY", "ACTIVE") in {states for _, _, states in seen}
    assert {task["taskDefinitionArn"] for task in cloud.tasks_of(service)} == {definitions[1]}


def test_a_forced_deployment_replaces_every_task(cloud: Cloud, service: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
    stable(cloud, service)
    before = {task["taskArn"] for task in cloud.tasks_of(service)}

    update(cloud, service, forceNewDeployment=True)
    stable(cloud, service, 90)

    assert not before & {task["taskArn"] for task in cloud.tasks_of(service)}


def test_without_a_minimum_the_old_task_goes_first(cloud: Cloud, definitions: list[str]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    configuration = {"minimumHealthyPercent": 0, "maximumPercent": 100}
    with cloud.service(definitions[0], deploymentConfiguration=configuration) as service:
        stable(cloud, service)
        seen: list[int] = []

        def look() -> dict[str, Any]:
            seen.append(len(cloud.tasks_of(service)))
            return cloud.described(service)

        update(cloud, service, taskDefinition=definitions[1])
        wait_for("the deployment is complete", look, is_stable, timeout_seconds=60, interval_seconds=0.25)

        assert max(seen) == 1


def test_a_task_that_was_stopped_is_replaced(cloud: Cloud, service: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
    stable(cloud, service)
    stopped = cloud.tasks_of(service)[0]["taskArn"]

    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=stopped)

    wait_for(
        "there are two other tasks",
        lambda: [task["taskArn"] for task in running(cloud, service)],
        lambda found: len(found) == 2 and stopped not in found,
        timeout_seconds=60,
        interval_seconds=0.25,
    )


def test_scaling_changes_the_number_of_tasks_without_a_deployment(cloud: Cloud, service: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
    deployment = stable(cloud, service)["deployments"][0]["id"]

    for count in (3, 2):
        update(cloud, service, desiredCount=count)
        found = stable(cloud, service)
        assert (found["runningCount"], found["deployments"][0]["id"]) == (count, deployment)


def test_the_circuit_breaker_rolls_back_to_what_ran(
    cloud: Cloud, definitions: list[str], failing: str
) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    with cloud.service(definitions[0], deploymentConfiguration=BREAKER) as service:
        stable(cloud, service)
        kept = cloud.tasks_of(service)[0]["taskArn"]
        update(cloud, service, taskDefinition=failing)

        def failed(found: dict[str, Any]) -> bool:
            # The event stays; the failed deployment itself is gone as soon as its last task is.
            return any("deployment failed: tasks failed" in told["message"] for told in found["events"])

        wait_for_service(cloud, service, "has told of a failed deployment", failed, 90)
        found = stable(cloud, service)

        assert found["taskDefinition"] == definitions[0]
        assert [task["taskArn"] for task in cloud.tasks_of(service)] == [kept]


def test_without_anything_to_roll_back_to_a_deployment_stays_failed(cloud: Cloud, failing: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    with cloud.service(failing, deploymentConfiguration=BREAKER) as service:
        found = wait_for_service(
            cloud,
            service,
            "has failed",
            lambda found: found["deployments"][0]["rolloutState"] == "FAILED",
            90,
        )

        assert found["deployments"][0]["failedTasks"] >= 3


def test_an_unhealthy_task_is_replaced_with_ecss_reason(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
    check = {"command": ["CMD-SHELL", "test -f /tmp/well || exit 1"], "interval": 5, "retries": 1}
    code = "import os, time; open('/tmp/well', 'w'); time.sleep(8); os.remove('/tmp/well'); time.sleep(600)"
    definition = cloud.task_definition(cloud.container("main", "run", code, healthCheck=check, **INIT))
    with cloud.service(definition) as service:
        first = wait_for(
            "a task runs",
            lambda: running(cloud, service),
            bool,
            timeout_seconds=60,
            interval_seconds=0.25,
        )[0]["taskArn"]

        stopped = cloud.wait_for_task(first, "STOPPED", timeout_seconds=60)

        assert (stopped["stopCode"], stopped["stoppedReason"]) == (
            "ServiceSchedulerInitiated",
            "Task failed container health checks",
        )


def test_a_deleted_service_drains_and_is_inactive_then(cloud: Cloud, definitions: list[str]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
    with cloud.service(definitions[0]) as service:
        stable(cloud, service)

    states = states_until(
        "the service is inactive",
        lambda: str(cloud.described(service)["status"]),
        "INACTIVE",
        timeout_seconds=60,
        interval_seconds=0.1,
    )
    assert list(dict.fromkeys(states)) == ["DRAINING", "INACTIVE"]
