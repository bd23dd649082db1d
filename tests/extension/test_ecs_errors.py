"""What ECS says to requests that it refuses.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api-error-messages.html
"""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from contract import Cloud, unique

UNKNOWN_TASK = "0" * 32


@pytest.fixture(scope="module")
def sleeper(cloud: Cloud) -> str:
    """A task definition; none of these tests runs it."""
    return cloud.task_definition(cloud.container("main", "run", "import time; time.sleep(600)"))


def depending(name: str, condition: str) -> list[dict[str, Any]]:
    """Definitions of two essential containers, of which the second depends on another."""
    needed = [{"containerName": name, "condition": condition}]
    return [
        {"name": "first", "image": "any", "essential": True},
        {"name": "second", "image": "any", "essential": True, "dependsOn": needed},
    ]


def refused(cloud: Cloud, operation: str, **arguments: Any) -> tuple[str, str]:
    """Returns code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as error:
        getattr(cloud.client("ecs"), operation)(**arguments)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    detail = error.value.response["Error"]
    return detail["Code"], detail["Message"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("run_task", {"taskDefinition": "any"}),
        ("stop_task", {"task": UNKNOWN_TASK}),
        ("list_tasks", {}),
        ("describe_tasks", {"tasks": [UNKNOWN_TASK]}),
        ("create_service", {"serviceName": "any", "taskDefinition": "any", "desiredCount": 1}),
        ("update_service", {"service": "any"}),
        ("delete_service", {"service": "any"}),
        ("describe_services", {"services": ["any"]}),
        ("list_services", {}),
        ("update_task_protection", {"tasks": [UNKNOWN_TASK], "protectionEnabled": True}),
        ("get_task_protection", {"tasks": [UNKNOWN_TASK]}),
        ("delete_cluster", {}),
    ],
)
def test_an_unknown_cluster_is_not_found(cloud: Cloud, operation: str, arguments: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html#API_RunTask_Errors
    assert refused(cloud, operation, cluster=unique("none"), **arguments) == (
        "ClusterNotFoundException",
        "Cluster not found.",
    )


@pytest.mark.parametrize(
    "size", [("256", "4096"), ("512", "512"), ("1024", "1024"), ("300", "512"), ("2048", "17408")]
)
def test_fargate_refuses_sizes_it_does_not_have(cloud: Cloud, size: tuple[str, str]) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
    with pytest.raises(ClientError) as error:
        cloud.task_definition(cloud.container("main", "run", "pass"), cpu=size[0], memory=size[1])

    detail = error.value.response["Error"]
    assert detail["Code"] == "ClientException"
    assert detail["Message"].startswith("No Fargate configuration exists for given values")


def test_sizes_in_words_are_kept_as_numbers(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    arn = cloud.task_definition(cloud.container("main", "run", "pass"), cpu=".5 vCPU", memory="1 GB")

    definition = cloud.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    assert (definition["cpu"], definition["memory"]) == ("512", "1024")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
        ({"cpu": "much"}, "Invalid 'cpu' setting for task."),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
        ({"networkMode": "bridge"}, "Fargate only supports network mode"),
        ({"executionRoleArn": ""}, "Fargate requires task definition to have execution role ARN"),
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
        ({"family": "no spaces"}, "Family contains invalid characters."),
        ({"containerDefinitions": []}, "Container list cannot be empty."),
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
        (
            {"containerDefinitions": depending("other", "START")},
            "Cannot depend on container + 'other' because it does not exist",
        ),
        (
            {"containerDefinitions": depending("first", "SUCCESS")},
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
        ),
    ],
)
def test_a_task_definition_that_makes_no_sense_is_refused(
    cloud: Cloud, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError) as error:
        cloud.task_definition(cloud.container("main", "run", "pass"), **changes)

    detail = error.value.response["Error"]
    assert (detail["Code"], detail["Message"][: len(message)]) == ("ClientException", message)


def test_an_unknown_task_definition_is_not_found(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html#API_RunTask_Errors
    with pytest.raises(ClientError) as error:
        cloud.run_task(unique("none"))

    detail = error.value.response["Error"]
    assert (detail["Code"], detail["Message"]) == ("ClientException", "TaskDefinition not found.")


def test_a_deregistered_task_definition_cannot_be_run(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
    arn = cloud.task_definition(cloud.container("main", "run", "pass"))
    cloud.client("ecs").deregister_task_definition(taskDefinition=arn)

    with pytest.raises(ClientError) as error:
        cloud.run_task(arn)

    assert error.value.response["Error"]["Code"] == "ClientException"


def test_a_service_with_an_unknown_task_definition_is_refused(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html#API_CreateService_Errors
    with pytest.raises(ClientError) as error, cloud.service(unique("none")):
        pass

    assert error.value.response["Error"]["Code"] == "ClientException"


def test_a_task_in_a_vpc_needs_its_network(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
    assert refused(
        cloud, "run_task", cluster=cloud.cluster, taskDefinition=sleeper, launchType="FARGATE"
    ) == (
        "InvalidParameterException",
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    )


def test_an_override_has_to_name_a_container(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html
    with pytest.raises(ClientError) as error:
        cloud.run_task(sleeper, overrides={"containerOverrides": [{"name": "other"}]})

    detail = error.value.response["Error"]
    assert (detail["Code"], detail["Message"]) == (
        "InvalidParameterException",
        "Override for container named other is not a container in the TaskDefinition.",
    )


@pytest.mark.parametrize("count", [0, 11])
def test_runtask_starts_one_to_ten_tasks(cloud: Cloud, sleeper: str, count: int) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
    with pytest.raises(ClientError) as error:
        cloud.run_task(sleeper, count=count)

    assert error.value.response["Error"]["Code"] == "InvalidParameterException"


def test_a_service_of_that_name_may_not_exist(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    with cloud.service(sleeper, count=0) as service:
        answer = refused(
            cloud,
            "create_service",
            cluster=cloud.cluster,
            serviceName=service,
            taskDefinition=sleeper,
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=cloud.network_configuration,
        )

    assert answer == ("InvalidParameterException", "Creation of service was not idempotent.")


def test_a_deployment_has_to_have_room(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    configuration = {"minimumHealthyPercent": 100, "maximumPercent": 100}
    with (
        pytest.raises(ClientError) as error,
        cloud.service(sleeper, count=0, deploymentConfiguration=configuration),
    ):
        pass

    assert error.value.response["Error"]["Code"] == "InvalidParameterException"


@pytest.mark.parametrize("operation", ["update_service", "delete_service"])
def test_an_unknown_service_is_not_found(cloud: Cloud, operation: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html#API_UpdateService_Errors
    assert refused(cloud, operation, cluster=cloud.cluster, service="none") == (
        "ServiceNotFoundException",
        "Service not found.",
    )


def test_an_unknown_service_is_missing_in_a_description(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
    answer = cloud.client("ecs").describe_services(cluster=cloud.cluster, services=["none"])

    assert (answer["services"], answer["failures"][0]["reason"]) == ([], "MISSING")


def test_a_service_with_tasks_is_deleted_only_by_force(cloud: Cloud, sleeper: str) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
    with cloud.service(sleeper) as service:
        answer = refused(cloud, "delete_service", cluster=cloud.cluster, service=service)

    assert answer == (
        "InvalidParameterException",
        "The service cannot be stopped while it is scaled above 0.",
    )


def test_an_unknown_task_cannot_be_stopped(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    assert refused(cloud, "stop_task", cluster=cloud.cluster, task=UNKNOWN_TASK) == (
        "InvalidParameterException",
        "The referenced task was not found.",
    )


def test_an_unknown_task_is_missing_in_a_description(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
    answer = cloud.client("ecs").describe_tasks(cluster=cloud.cluster, tasks=[UNKNOWN_TASK])

    assert (answer["tasks"], answer["failures"][0]["reason"]) == ([], "MISSING")
