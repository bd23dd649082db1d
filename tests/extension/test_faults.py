"""AWS faults on demand: the errors have AWS's own shape in each protocol. AWS has no such switch for us."""

import time
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from contract import IN_AWS, Cloud, unique
from faults import fault, hits

pytestmark = pytest.mark.skipif(IN_AWS, reason="AWS cannot be made to fail")

ONCE = Config(retries={"total_max_attempts": 1})


def refusal(call: Any, **arguments: Any) -> tuple[str, int, str]:
    """Returns code, HTTP status and message of an answer that is an error."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return (
        answer["Error"]["Code"],
        answer["ResponseMetadata"]["HTTPStatusCode"],
        answer["Error"]["Message"],
    )


@pytest.fixture(scope="module")
def bucket(cloud: Cloud) -> str:
    s3, name = cloud.client("s3"), unique("contract")
    s3.create_bucket(Bucket=name)
    cloud.finally_do(s3.delete_bucket, Bucket=name)
    cloud.finally_do(s3.delete_object, Bucket=name, Key="key")
    return name


def test_s3_is_down_and_works_again(cloud: Cloud, bucket: str) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    s3 = cloud.client("s3", config=ONCE)
    with fault("s3", error="SlowDown", status=503, message="Please reduce your request rate."):
        found = refusal(s3.put_object, Bucket=bucket, Key="key", Body=b"1")
    assert found == ("SlowDown", 503, "Please reduce your request rate.")
    assert s3.put_object(Bucket=bucket, Key="key", Body=b"1")["ETag"]


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "error"),
    [
        ("secretsmanager", "list_secrets", {}, "ThrottlingException"),
        ("ecs", "list_clusters", {}, "ThrottlingException"),
        ("elbv2", "describe_load_balancers", {}, "Throttling"),
        ("rds", "describe_db_instances", {}, "Throttling"),
        ("ec2", "describe_vpcs", {}, "RequestLimitExceeded"),
        ("sts", "get_caller_identity", {}, "Throttling"),
        ("logs", "describe_log_groups", {}, "ThrottlingException"),
        ("cloudwatch", "list_metrics", {}, "Throttling"),
    ],
)
def test_each_protocol_carries_the_error(
    cloud: Cloud, service: str, operation: str, arguments: dict[str, Any], error: str
) -> None:
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html
    client = cloud.client(service, config=ONCE)
    with fault(service, error=error, status=400, message="Rate exceeded"):
        assert refusal(getattr(client, operation), **arguments) == (error, 400, "Rate exceeded")
    assert getattr(client, operation)(**arguments)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_one_operation_fails_and_the_others_work(cloud: Cloud, bucket: str) -> None:
    s3 = cloud.client("s3", config=ONCE)
    with fault("s3", "PutObject", error="InternalError"):
        assert refusal(s3.put_object, Bucket=bucket, Key="key", Body=b"1")[:2] == ("InternalError", 500)
        assert "Buckets" in s3.list_buckets()


def test_a_client_that_retries_gets_through_a_throttle(cloud: Cloud) -> None:
    # https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
    patient = cloud.client("secretsmanager", config=Config(retries={"max_attempts": 8, "mode": "standard"}))
    with fault("secretsmanager", error="ThrottlingException", status=400, requests_per_second=1) as name:
        for _ in range(3):
            assert "SecretList" in patient.list_secrets()
        assert hits(name) > 0


def test_a_hang_is_bounded_and_ends_when_it_is_switched_off(cloud: Cloud) -> None:
    impatient = cloud.client("sts", config=Config(retries={"total_max_attempts": 1}, read_timeout=20))
    started = time.monotonic()
    with fault("sts", delay_seconds=2):
        assert impatient.get_caller_identity()["Account"]
    assert 2 <= time.monotonic() - started < 10


def test_containers_run_into_it_too(cloud: Cloud) -> None:
    secrets = cloud.client("secretsmanager")
    arn = secrets.create_secret(Name=unique("contract"), SecretString="value")["ARN"]
    cloud.finally_do(secrets.delete_secret, SecretId=arn, ForceDeleteWithoutRecovery=True)
    definition = cloud.task_definition(
        cloud.container("main", "run", "pass", secrets=[{"name": "VALUE", "valueFrom": arn}])
    )
    with fault("secretsmanager", "GetSecretValue", error="InternalServiceError", status=500):
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
        task = cloud.wait_for_task(cloud.run_task(definition), "STOPPED", timeout_seconds=90)
    assert "ResourceInitializationError" in task["stoppedReason"]


def test_what_is_no_fault_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"400.*needs an error"), fault("s3"):
        pass
