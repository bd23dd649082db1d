"""Secrets of containers, with an AWS of our own."""

import pytest
from botocore.exceptions import ClientError

from localstack_dataplane.ecs.definition import ContainerDefinition, TaskDefinition
from localstack_dataplane.ecs.secret_values import (
    SecretError,
    SecretReference,
    Secrets,
    parse_reference,
    pick_key,
)

ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:name-AbCdEf"


def test_a_whole_secret():
    assert parse_reference(ARN) == SecretReference(service="secretsmanager", name=ARN, region="us-east-1")


def test_a_key_a_stage_and_a_version():
    found = parse_reference(f"{ARN}:key:AWSPREVIOUS:v1")
    assert (found.name, found.key, found.stage, found.version) == (ARN, "key", "AWSPREVIOUS", "v1")


def test_empty_parts_mean_the_current_version():
    found = parse_reference(f"{ARN}:key::")
    assert (found.key, found.stage, found.version) == ("key", "", "")


@pytest.mark.parametrize(
    ("value_from", "name"),
    [
        ("plain", "plain"),
        ("arn:aws:ssm:us-east-1:000000000000:parameter/plain", "plain"),
        ("arn:aws:ssm:us-east-1:000000000000:parameter/a/b", "/a/b"),
    ],
)
def test_a_parameter_by_name_or_arn(value_from, name):
    found = parse_reference(value_from)
    assert (found.service, found.name) == ("ssm", name)


def reference(key):
    return SecretReference(service="secretsmanager", name=ARN, key=key)


def test_a_key_is_picked_from_the_json():
    assert pick_key('{"a": "x", "b": 2}', reference("a")) == "x"


def test_a_value_that_is_not_text_becomes_json():
    assert pick_key('{"a": "x", "b": 2}', reference("b")) == "2"


def test_a_missing_key_has_the_reason_of_ecs():
    with pytest.raises(SecretError, match=r"^ResourceInitializationError: .* did not contain json key c$"):
        pick_key('{"a": "x"}', reference("c"))


def test_text_that_is_not_json_has_no_keys():
    with pytest.raises(SecretError, match="invalid character"):
        pick_key("text", reference("c"))


class Aws:
    def __init__(self, secrets):
        self.secrets, self.calls = secrets, 0

    def client(self, service, account, region):
        assert (service, account, region) == ("secretsmanager", "1", "us-east-1")
        return self

    def get_secret_value(self, SecretId):  # noqa: N803
        self.calls += 1
        if SecretId not in self.secrets:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": self.secrets[SecretId]}


def definition(**secrets):
    return TaskDefinition(
        arn="arn/f:1", containers=(ContainerDefinition(name="c", image="i", secrets=secrets),)
    )


def test_a_secret_with_two_keys_is_fetched_once():
    aws = Aws({ARN: '{"a": "x", "b": "y"}'})
    found = Secrets(aws, "1", "us-east-1").environments(definition(A=f"{ARN}:a::", B=f"{ARN}:b::"))
    assert (found, aws.calls) == ({"c": {"A": "x", "B": "y"}}, 1)


def test_a_missing_secret_has_the_reason_of_ecs():
    with pytest.raises(SecretError, match=r"unable to retrieve secret from asm: .*ResourceNotFoundException"):
        Secrets(Aws({}), "1", "us-east-1").environments(definition(A=ARN))
