"""RunTask, and the life of a task.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from contract import REGION, Cloud, unique
from waiting import wait_for

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


@pytest.fixture(scope="module", autouse=True)
def restarting(cloud: Cloud) -> str:
    """A task that is restarted once; it runs in the background, for that takes a minute."""
    code = (
        "import pathlib, time, sys; first = not pathlib.Path('/shared/ran').exists(); "
        "pathlib.Path('/shared/ran').touch(); print('first' if first else 'second'); "
        "first and time.sleep(61); sys.exit(1 if first else 7)"
    )
    policy = {"enabled": True, "ignoredExitCodes": [7], "restartAttemptPeriod": 60}
    container = cloud.container("main", "run", code, restartPolicy=policy, **SHARED)
    return cloud.run_task(cloud.task_definition(container, volumes=VOLUMES))


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
    seen: list[str] = []

    wait_for(
        "the task is over",
        lambda: seen.append(cloud.task(task)["lastStatus"]) or seen,
        lambda states: states[-1] == "STOPPED",
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


@pytest.fixture(scope="module")
def secrets(cloud: Cloud) -> dict[str, str]:
    """ARNs of a secret with JSON in two versions, and of a parameter."""
    manager, ssm = cloud.client("secretsmanager"), cloud.client("ssm")
    secret = manager.create_secret(Name=unique("contract"), SecretString=json.dumps({"user": "old"}))
    arn = secret["ARN"]
    cloud.finally_do(manager.delete_secret, SecretId=arn, ForceDeleteWithoutRecovery=True)
    manager.put_secret_value(SecretId=arn, SecretString=json.dumps({"user": "new"}))
    name = f"/{unique('contract')}"
    ssm.put_parameter(Name=name, Value="parameter", Type="SecureString")
    cloud.finally_do(ssm.delete_parameter, Name=name)
    parameter = ssm.get_parameter(Name=name)["Parameter"]["ARN"]
    return {"secret": arn, "version": secret["VersionId"], "parameter": parameter}


def test_secrets_are_in_the_environment(cloud: Cloud, secrets: dict[str, str]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    arn = secrets["secret"]
    wanted = {
        "WHOLE": arn,
        "KEY": f"{arn}:user::",
        "STAGE": f"{arn}:user:AWSPREVIOUS:",
        "VERSION": f"{arn}:user::{secrets['version']}",
        "PARAMETER": secrets["parameter"],
    }
    code = f"import os; [print(os.environ[name]) for name in {list(wanted)}]"

    _, lines = cloud.run_code(
        code, secrets=[{"name": name, "valueFrom": value} for name, value in wanted.items()]
    )

    assert lines == ['{"user": "new"}', "new", "old", "old", "parameter"]


@pytest.mark.parametrize("missing", ["secretsmanager", "ssm"])
def test_a_task_whose_secret_is_missing_does_not_start(cloud: Cloud, missing: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    account = cloud.client("sts").get_caller_identity()["Account"]
    path = {"secretsmanager": "secret:none-AbCdEf", "ssm": "parameter/none"}[missing]
    value = f"arn:aws:{missing}:{REGION}:{account}:{path}"
    definition = cloud.task_definition(
        cloud.container("main", "run", "pass", secrets=[{"name": "SECRET", "valueFrom": value}])
    )

    task = cloud.wait_for_task(cloud.run_task(definition), "STOPPED")

    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("ResourceInitializationError: unable to pull secrets")


@pytest.fixture(scope="module")
def facts(cloud: Cloud) -> dict[str, Any]:
    """What a container finds out about itself."""
    code = """
import json, os, resource, urllib.request
def get(url):
    return json.load(urllib.request.urlopen(url))
def write(path):
    try:
        open(path, "w")
        return True
    except OSError:
        return False
metadata = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
print(json.dumps({
    "container": get(metadata),
    "task": get(metadata + "/task"),
    "stats": get(metadata + "/stats"),
    "credentials": get("http://169.254.170.2" + os.environ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]),
    "platform": os.environ["AWS_EXECUTION_ENV"],
    "given": os.environ["GIVEN"],
    "user": os.getuid(),
    "directory": os.getcwd(),
    "files": resource.getrlimit(resource.RLIMIT_NOFILE),
    "root": write("/here"),
    "tmpfs": write("/scratch/here"),
    "volume": write("/shared/here"),
}))
"""
    container = cloud.container(
        "main",
        "run",
        code,
        environment=[{"name": "GIVEN", "value": "definition"}],
        user="0:0",
        workingDirectory="/tmp",
        readonlyRootFilesystem=True,
        ulimits=[{"name": "nofile", "softLimit": 2000, "hardLimit": 3000}],
        linuxParameters={"tmpfs": [{"containerPath": "/scratch", "size": 8}]},
        **SHARED,
    )
    definition = cloud.task_definition(container, volumes=VOLUMES)
    task = cloud.run_task(
        definition,
        overrides={
            "containerOverrides": [{"name": "main", "environment": [{"name": "GIVEN", "value": "override"}]}]
        },
    )
    stopped = cloud.wait_for_task(task, "STOPPED")
    lines = cloud.log(task)
    assert outcome(stopped)["exitCode"] == 0, lines
    return {"arn": task, "definition": definition, **json.loads("".join(lines))}


def test_the_metadata_of_a_task_are_its_own(cloud: Cloud, facts: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
    family, revision = facts["definition"].rpartition("/")[2].split(":")
    task = facts["task"]

    assert (task["TaskARN"], task["Family"], task["Revision"], task["LaunchType"]) == (
        facts["arn"],
        family,
        revision,
        "FARGATE",
    )
    assert task["Cluster"].endswith(f"cluster/{cloud.cluster}")
    assert task["Limits"] == {"CPU": 0.25, "Memory": 512}
    assert (task["KnownStatus"], task["DesiredStatus"]) == ("RUNNING", "RUNNING")


def test_the_metadata_of_a_container_are_its_own(cloud: Cloud, facts: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
    container = facts["container"]

    assert (container["Name"], container["LogDriver"], container["LogOptions"]["awslogs-group"]) == (
        "main",
        "awslogs",
        cloud.log_group,
    )
    assert container["ContainerARN"] == outcome(cloud.task(facts["arn"]))["containerArn"]
    assert container["Networks"][0]["NetworkMode"] == "awsvpc"


def test_the_statistics_of_a_container_are_dockers(facts: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
    assert facts["stats"]["memory_stats"]["usage"] > 0


def test_credentials_are_those_of_the_task_role(cloud: Cloud, facts: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    credentials = facts["credentials"]

    assert credentials["RoleArn"] == cloud.role
    assert all(credentials[name] for name in ("AccessKeyId", "SecretAccessKey", "Token", "Expiration"))


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("platform", "AWS_ECS_FARGATE"),
        ("given", "override"),
        ("user", 0),
        ("directory", "/tmp"),
        ("files", [2000, 3000]),
        ("root", False),
        ("tmpfs", True),
        ("volume", True),
    ],
)
def test_a_container_is_as_its_definition_says(facts: dict[str, Any], fact: str, value: Any) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
    assert facts[fact] == value


def test_a_health_check_makes_a_task_healthy_or_not(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
    check = {"command": ["CMD-SHELL", "test -f /tmp/well || exit 1"], "interval": 5, "retries": 1}
    code = "import os, time; open('/tmp/well', 'w'); time.sleep(8); os.remove('/tmp/well'); time.sleep(600)"
    task = cloud.run_task(
        cloud.task_definition(cloud.container("main", "run", code, healthCheck=check, **INIT))
    )
    seen: list[str] = []

    wait_for(
        "the task is not healthy any more",
        lambda: seen.append(cloud.task(task)["healthStatus"]) or seen,
        lambda states: states[-1] == "UNHEALTHY",
        timeout_seconds=60,
        interval_seconds=0.25,
    )

    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=task)
    assert list(dict.fromkeys(seen)) == ["UNKNOWN", "HEALTHY", "UNHEALTHY"]


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
    cloud: Cloud, restarting: str
) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
    task = cloud.wait_for_task(restarting, "STOPPED", timeout_seconds=90)

    assert cloud.log(restarting) == ["first", "second"]
    assert outcome(task)["exitCode"] == 7
