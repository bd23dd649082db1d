"""The launcher's calls of the AWS API, answered by moto."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from kf_airflow_local import deployment, diagnostics
from kf_airflow_local.aws import LocalAws

COMPONENTS = ("airflow", "worker", "flower")


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """LocalAws at AWS's own endpoints, which are those that moto answers for."""
    with mock_aws():
        yield LocalAws(None)  # type: ignore[arg-type]


@pytest.fixture
def outputs(aws: LocalAws) -> dict[str, Any]:
    """Three services in a cluster, each with an empty target group, as Terraform's outputs name them."""
    aws.ecs.create_cluster(clusterName="local")
    aws.ecs.register_task_definition(
        family="f", containerDefinitions=[{"name": "c", "image": "i", "memory": 64}]
    )
    vpc = boto3.client("ec2", region_name="us-east-1").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    groups = {}
    for component in COMPONENTS:
        aws.ecs.create_service(
            cluster="local", serviceName=f"kf-{component}", taskDefinition="f", desiredCount=2
        )
        group = aws.elbv2.create_target_group(Name=component, Protocol="HTTP", Port=80, VpcId=vpc)
        groups[component] = group["TargetGroups"][0]["TargetGroupArn"]
    names = {f"{component}_service_name": f"kf-{component}" for component in COMPONENTS}
    return {"cluster_name": "local", "target_group_arns": groups, **names}


def test_a_secret_is_read_by_its_keys(aws: LocalAws) -> None:
    client = boto3.client("secretsmanager", region_name="us-east-1")
    values = {"username": "admin", "password": "p/w"}
    arn = client.create_secret(Name="kf/admin", SecretString=json.dumps(values))["ARN"]

    assert aws.secret(arn) == values


def test_services_are_read_with_their_counts(aws: LocalAws, outputs: dict[str, Any]) -> None:
    found = deployment.services(aws, outputs)

    assert [(service.component, service.desired, service.running) for service in found] == [
        (component, 2, 0) for component in COMPONENTS
    ]


def test_services_that_do_not_run_are_not_healthy(aws: LocalAws, outputs: dict[str, Any]) -> None:
    assert not deployment.all_healthy(deployment.look(aws, outputs))


def test_a_cluster_that_is_gone_has_no_services(aws: LocalAws, outputs: dict[str, Any]) -> None:
    assert deployment.look(aws, {**outputs, "cluster_name": "another"}) == []


def test_the_report_of_a_failure_has_the_services_and_the_last_log_lines(
    aws: LocalAws, outputs: dict[str, Any]
) -> None:
    aws.logs.create_log_group(logGroupName="apps")
    aws.logs.create_log_stream(logGroupName="apps", logStreamName="worker")
    aws.logs.put_log_events(
        logGroupName="apps",
        logStreamName="worker",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": "no broker"}],
    )

    class NoContainers:
        containers = property(lambda self: self)

        def list(self, **_: Any) -> list[Any]:
            return []

    lines = diagnostics.report(NoContainers(), aws).splitlines()  # type: ignore[arg-type]

    assert "--- ECS service kf-worker: 0/2 running" in lines
    assert lines[-2:] == ["--- log apps worker", "no broker"]
