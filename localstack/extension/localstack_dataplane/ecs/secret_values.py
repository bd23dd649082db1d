"""The `secrets` of a container definition: where they are, and their values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from localstack_dataplane.aws import Aws
from localstack_dataplane.ecs.definition import TaskDefinition

_EXECUTION = (
    "ResourceInitializationError: unable to pull secrets or registry auth: "
    "execution resource retrieval failed: unable to retrieve "
)
_ASM = f"{_EXECUTION}secret from asm: service call has been retried 1 time(s): "
_SSM = f"{_EXECUTION}secrets from ssm: service call has been retried 1 time(s): "


class SecretError(RuntimeError):
    """A secret cannot be had; the message is the reason that ECS gives for the stopped task."""


@dataclass(frozen=True, kw_only=True)
class SecretReference:
    """A `valueFrom`, taken apart.

    Attributes:
        service: secretsmanager or ssm.
        name: ARN or name to ask for.
        region: Empty: the task's.
        key: Key in the secret's JSON; empty for the whole text.
        stage: Version stage; empty for AWSCURRENT.
        version: Version id; empty for any.
    """

    service: str
    name: str
    region: str = ""
    key: str = ""
    stage: str = ""
    version: str = ""


def parse_reference(value_from: str) -> SecretReference:
    """Take a `valueFrom` apart.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
    """
    parts = value_from.split(":")
    if len(parts) < 6 or parts[0] != "arn":
        return SecretReference(service="ssm", name=value_from)
    if parts[2] == "ssm":
        name = parts[5].removeprefix("parameter")
        # A parameter whose name has no folder is written parameter/name, too.
        return SecretReference(
            service="ssm", name=name if name.count("/") > 1 else name.lstrip("/"), region=parts[3]
        )
    key, stage, version = [*parts[7:10], "", "", ""][:3]
    return SecretReference(
        service="secretsmanager",
        name=":".join(parts[:7]),
        region=parts[3],
        key=key,
        stage=stage,
        version=version,
    )


def pick_key(text: str, reference: SecretReference) -> str:
    """The value that a reference means in a secret's text.

    Raises:
        SecretError: The text is not JSON, or lacks the key.
    """
    if not reference.key:
        return text
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise SecretError(f"{_ASM}invalid character in the JSON of secret {reference.name}") from error
    if not isinstance(document, dict) or reference.key not in document:
        raise SecretError(
            f"{_ASM}retrieved secret from Secrets Manager did not contain json key {reference.key}"
        )
    value = document[reference.key]
    return value if isinstance(value, str) else json.dumps(value)


class Secrets:
    """Fetches secrets for one task; asks for each one once.

    Args:
        aws: Secrets Manager and SSM.
        account: The task's.
        region: The task's.
    """

    def __init__(self, aws: Aws, account: str, region: str) -> None:
        self._aws, self._account, self._region = aws, account, region
        self._texts: dict[SecretReference, str] = {}

    def environments(self, definition: TaskDefinition) -> dict[str, dict[str, str]]:
        """Container name -> environment variables from secrets.

        Raises:
            SecretError: One cannot be had.
        """
        return {item.name: self._environment(item.secrets) for item in definition.containers if item.secrets}

    def _environment(self, secrets: Mapping[str, str]) -> dict[str, str]:
        environment = {}
        for name, value_from in secrets.items():
            reference = parse_reference(value_from)
            environment[name] = pick_key(self._text(reference), reference)
        return environment

    def _text(self, reference: SecretReference) -> str:
        source = SecretReference(
            service=reference.service,
            name=reference.name,
            region=reference.region,
            stage=reference.stage,
            version=reference.version,
        )
        if source not in self._texts:
            fetch = self._parameter if source.service == "ssm" else self._secret
            self._texts[source] = fetch(source)
        return self._texts[source]

    def _secret(self, reference: SecretReference) -> str:
        arguments: dict[str, Any] = {"SecretId": reference.name}
        if reference.stage:
            arguments["VersionStage"] = reference.stage
        if reference.version:
            arguments["VersionId"] = reference.version
        client = self._aws.client("secretsmanager", self._account, reference.region or self._region)
        try:
            value: str = client.get_secret_value(**arguments)["SecretString"]
        except ClientError as error:
            raise SecretError(
                f"{_ASM}failed to fetch secret {reference.name} from secrets manager: {_cause(error)}"
            ) from error
        except KeyError as error:
            raise SecretError(f"{_ASM}{reference.name} is binary, not text") from error
        return value

    def _parameter(self, reference: SecretReference) -> str:
        client = self._aws.client("ssm", self._account, reference.region or self._region)
        try:
            value: str = client.get_parameter(Name=reference.name, WithDecryption=True)["Parameter"]["Value"]
        except ClientError as error:
            raise SecretError(f"{_SSM}invalid parameters: {reference.name}: {_cause(error)}") from error
        return value


def _cause(error: ClientError) -> str:
    detail = error.response.get("Error", {})
    return f"{detail.get('Code', 'Unknown')}: {detail.get('Message', error)}"
