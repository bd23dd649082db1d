"""RunTask, and the life of a task.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

from datetime import timedelta
from typing import Any

from contract import Cloud, states_until, wait_for

# With an init, what sleeps ends at SIGTERM.
INIT = {"linuxParameters": {"initProcessEnabled": True}}
SLEEP = "import time; time.sleep(600)"
SHARED = {"mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}]}
VOLUMES = [{"name": "shared"}]


def after(**conditions: str) -> dict[str, Any]:
    return {
        "dependsOn": [
            {"containerName": name, "condition": condition} for name, condition in conditions.items()
        ]
    }


def outcome(task: dict[str, Any], container: str = "main") -> dict[str, Any]:
    """Returns one container of a task."""
    return next(item for item in task["containers"] if item["name"] == container)


def test_a_task_ends_with_its_essential_container_and_tells_its_exit_code(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
    definition = cloud.task_definition(cloud.container("main", "run", "print('hello'); raise SystemExit(3)"))

    task = cloud.wait_for_task(cloud.run_task(definition), "STOPPED")

    assert (task["stopCode"], task["stoppedReason"], task["containers"][0]["exitCode"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
        3,
    )


def test_a_task_goes_through_its_states_in_order(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
    order = [
        "PROVISIONING",
        "PENDING",
        "ACTIVATING",
        "RUNNING",
        "DEACTIVATING",
        "STOPPING",
        "DEPROVISIONING",
        "STOPPED",
    ]
    task = cloud.run_task(cloud.task_definition(cloud.container("main", "run", "pass")))

    seen = states_until(
        "the task is over",
        lambda: str(cloud.task(task)["lastStatus"]),
        "STOPPED",
        timeout_seconds=60,
        interval_seconds=0.05,
    )

    numbers = [order.index(state) for state in seen]
    assert numbers == sorted(numbers)


def test_a_container_over_its_memory_is_killed_and_the_reason_told(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    definition = cloud.task_definition(cloud.container("main", "run", "b'x' * 2**30"))

    task = cloud.wait_for_task(cloud.run_task(definition), "STOPPED")

    main = outcome(task)
    assert (task["stopCode"], main["exitCode"], main["reason"]) == (
        "EssentialContainerExited",
        137,
        "OutOfMemoryError: Container killed due to memory usage",
    )


def test_a_container_that_is_not_essential_may_end(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    definition = cloud.task_definition(
        cloud.container("main", "run", "import time; time.sleep(3)", **after(helper="COMPLETE")),
        cloud.container("helper", "run", "raise SystemExit(9)", essential=False),
    )

    task = cloud.wait_for_task(cloud.run_task(definition), "STOPPED")

    assert (outcome(task, "helper")["exitCode"], outcome(task)["exitCode"]) == (9, 0)


def test_containers_start_when_what_they_depend_on_is_so_far(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
    def note(name: str, then: str = "") -> list[str]:
        return ["run", f"import time; open('/shared/log', 'a').write('{name} '); {then}"]

    check = {"command": ["CMD-SHELL", "test -f /tmp/well"], "interval": 5, "retries": 10, "startPeriod": 10}
    definition = cloud.task_definition(
        cloud.container(
            "main",
            "run",
            "print(open('/shared/log').read())",
            **SHARED,
            **after(first="COMPLETE", second="SUCCESS", third="HEALTHY"),
        ),
        cloud.container("first", *note("first", "raise SystemExit(1)"), essential=False, **SHARED),
        cloud.container(
            "second", *note("second"), essential=False, **SHARED, **after(first="COMPLETE", third="START")
        ),
        cloud.container(
            "third",
            *note("third", "open('/tmp/well', 'w'); time.sleep(600)"),
            healthCheck=check,
            **SHARED,
            **after(first="COMPLETE"),
            **INIT,
        ),
        volumes=VOLUMES,
    )

    task = cloud.run_task(definition)
    cloud.wait_for_task(task, "STOPPED", timeout_seconds=90)

    words = " ".join(cloud.log(task)).split()
    assert (words[0], set(words)) == ("first", {"first", "second", "third"})


def test_a_task_stops_when_a_dependency_can_no_longer_be_met(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
    definition = cloud.task_definition(
        cloud.container("main", "run", "pass", **after(first="SUCCESS")),
        cloud.container("first", "run", "raise SystemExit(1)", essential=False),
    )

    task = cloud.wait_for_task(cloud.run_task(definition), "STOPPED")

    assert "exitCode" not in outcome(task)


def running(cloud: Cloud, code: str, **options: Any) -> str:
    """Starts a task, and waits until it says that it is ready."""
    task = cloud.run_task(cloud.task_definition(cloud.container("main", "run", code, **options)))
    wait_for(
        f"{task} is ready",
        lambda: cloud.log(task),
        lambda lines: lines == ["ready"],
        timeout_seconds=60,
        interval_seconds=0.25,
    )
    return task


def test_stoptask_sends_sigterm_and_keeps_the_reason(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    task = running(
        cloud,
        "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); "
        "print('ready'); time.sleep(600)",
    )

    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=task, reason="enough")

    stopped = cloud.wait_for_task(task, "STOPPED")
    assert (stopped["stopCode"], stopped["stoppedReason"], outcome(stopped)["exitCode"]) == (
        "UserInitiated",
        "enough",
        7,
    )


def test_what_does_not_end_is_killed_after_its_stop_timeout(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    task = running(
        cloud,
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(600)",
        stopTimeout=3,
    )

    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=task)

    stopped = cloud.wait_for_task(task, "STOPPED")
    assert outcome(stopped)["exitCode"] == 137
    assert timedelta(seconds=3) <= stopped["stoppedAt"] - stopped["stoppingAt"] < timedelta(seconds=20)


def test_tasks_are_listed_by_what_they_were_started_with(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
    ecs, definition = (
        cloud.client("ecs"),
        cloud.task_definition(cloud.container("main", "run", SLEEP, **INIT)),
    )
    family = definition.rpartition("/")[2].partition(":")[0]
    task = cloud.run_task(definition, startedBy="contract", tags=[{"key": "a", "value": "b"}])

    def listed(**filters: str) -> list[str]:
        found: list[str] = ecs.list_tasks(cluster=cloud.cluster, **filters)["taskArns"]
        return found

    assert listed(family=family) == [task]
    assert task in listed(startedBy="contract")
    assert task in listed(launchType="FARGATE")
    described = ecs.describe_tasks(cluster=cloud.cluster, tasks=[task], include=["TAGS"])["tasks"][0]
    assert described["tags"] == [{"key": "a", "value": "b"}]
    ecs.stop_task(cluster=cloud.cluster, task=task)
    assert listed(family=family) == []
    assert listed(family=family, desiredStatus="STOPPED") == [task]


def test_a_restart_policy_starts_a_container_again_until_it_ends_as_allowed(
    cloud: Cloud, minute: Any
) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
    task = cloud.wait_for_task(minute.restarted, "STOPPED", timeout_seconds=90)

    assert cloud.log(minute.restarted) == ["first", "second"]
    assert outcome(task)["exitCode"] == 7


def test_protection_from_scale_in_expires(cloud: Cloud, minute: Any) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html
    task = cloud.wait_for_task(minute.expiring, "STOPPED", timeout_seconds=90)

    assert timedelta(seconds=55) < task["stoppingAt"] - task["startedAt"] < timedelta(seconds=80)
