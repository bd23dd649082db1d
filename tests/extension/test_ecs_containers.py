"""Containers: what a task definition gives them, and what they find out about themselves.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
"""

import json
from typing import Any

import pytest
from contract import REGION, Cloud, states_until, unique

# With an init, what sleeps ends at SIGTERM.
INIT = {"linuxParameters": {"initProcessEnabled": True}}
SHARED = {"mountPoints": [{"sourceVolume": "shared", "containerPath": "/shared"}]}


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
    definition = cloud.task_definition(container, volumes=[{"name": "shared"}])
    task = cloud.run_task(
        definition,
        overrides={
            "containerOverrides": [{"name": "main", "environment": [{"name": "GIVEN", "value": "override"}]}]
        },
    )
    stopped = cloud.wait_for_task(task, "STOPPED")
    lines = cloud.log(task)
    assert stopped["containers"][0]["exitCode"] == 0, lines
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
    assert container["ContainerARN"] == cloud.task(facts["arn"])["containers"][0]["containerArn"]
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

    seen = states_until(
        "the task is not healthy any more",
        lambda: str(cloud.task(task)["healthStatus"]),
        "UNHEALTHY",
        timeout_seconds=60,
        interval_seconds=0.25,
    )

    cloud.client("ecs").stop_task(cluster=cloud.cluster, task=task)
    assert list(dict.fromkeys(seen)) == ["UNKNOWN", "HEALTHY", "UNHEALTHY"]
