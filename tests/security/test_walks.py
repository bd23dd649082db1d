"""The walks find what they look for."""

import json
from typing import Any

import pytest
from stack_walks import ingress_blocks, is_open, secret_literals
from synthesis import Synthesized

PROVIDER = {"aws": [{"region": "us-east-1"}]}
RANDOM = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF"
CERTIFICATE = f"-----BEGIN CERTIFICATE-----\n{RANDOM}\n-----END CERTIFICATE-----"
EXECUTOR = "airflow.providers.celery.executors.celery_executor.CeleryExecutor"
HASHED = "${substr(sha512(terraform_data.it.output), 0, 32)}"


def stack_of(type_: str, **arguments: Any) -> Synthesized:
    return Synthesized(json.dumps({"provider": PROVIDER, "resource": {type_: {"it": arguments}}}))


@pytest.mark.parametrize("block", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/2", "2000::/3"])
def test_a_large_part_of_the_internet_is_open(block: str) -> None:
    assert is_open(block)


@pytest.mark.parametrize("block", ["10.0.0.0/8", "192.0.2.0/24", "fd00::/8", "${aws_vpc.it.cidr_block}"])
def test_an_owner_s_network_is_not(block: str) -> None:
    assert not is_open(block)


@pytest.mark.parametrize(
    ("type_", "arguments"),
    [
        ("aws_vpc_security_group_ingress_rule", {"cidr_ipv4": "0.0.0.0/0"}),
        ("aws_security_group_rule", {"type": "ingress", "cidr_blocks": ["0.0.0.0/0"]}),
        ("aws_security_group", {"ingress": [{"cidr_blocks": ["0.0.0.0/0"]}]}),
        ("aws_default_security_group", {"ingress": {"cidr_blocks": ["0.0.0.0/0"]}}),
    ],
)
def test_every_form_of_a_rule_is_seen(type_: str, arguments: dict[str, Any]) -> None:
    assert list(ingress_blocks(stack_of(type_, **arguments))) == [(f"{type_}.it", "0.0.0.0/0")]


def container(**variables: str) -> Synthesized:
    environment = [{"name": name, "value": value} for name, value in variables.items()]
    return stack_of(
        "aws_ecs_task_definition", container_definitions=json.dumps([{"environment": environment}])
    )


@pytest.mark.parametrize(
    "stack",
    [
        container(DATABASE_PASSWORD="x"),
        container(AIRFLOW__CORE__FERNET_KEY="x"),
        container(BROKER_URL="redis://:hunter2@broker:6379"),
        container(KEY="-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----"),
        container(ID="AKIAIOSFODNN7EXAMPLE"),
        container(ANYTHING=RANDOM),
        stack_of("aws_elasticache_replication_group", auth_token="x"),
        stack_of("aws_secretsmanager_secret_version", secret_string='{"password": "x"}'),
        stack_of(
            "aws_secretsmanager_secret_version",
            secret_string_wo='${jsonencode({"username" = aws_x.y.z, "password" = "x"})}',
        ),
    ],
)
def test_a_secret_is_seen(stack: Synthesized) -> None:
    assert len(secret_literals(stack)) == 1


@pytest.mark.parametrize(
    "stack",
    [
        container(
            AIRFLOW__CORE__EXECUTOR="airflow.providers.celery.executors.celery_executor.CeleryExecutor"
        ),
        container(
            CA="-----BEGIN CERTIFICATE-----\naB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF\n-----END CERTIFICATE-----"
        ),
        container(SECRET_ARN="arn:aws:secretsmanager:us-east-1:111122223333:secret:it-AbCdEf"),
        container(URL="redis://broker:6379/0"),
        stack_of(
            "aws_elasticache_replication_group",
            auth_token=HASHED,
        ),
        stack_of("aws_db_instance", manage_master_user_password=True),
    ],
)
def test_what_is_none_is_not(stack: Synthesized) -> None:
    assert secret_literals(stack) == []
