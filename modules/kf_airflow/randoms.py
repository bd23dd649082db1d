"""Random values made by Terraform, of which nothing is written down here."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct


def random_password(scope: Construct, id_: str, *, length: int) -> str:
    """Makes an ephemeral random password of letters and digits, which never gets into Terraform's state.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        length: How many characters it has; each is worth 5.9 bits.

    Returns:
        The Terraform expression of it, without `${}`. Ephemeral, so good for write-only arguments alone.
    """
    # The prebuilt bindings know no ephemeral resources, so it goes past them into the synthesized JSON.
    path = "_".join([*scope.node.path.split("/")[1:], id_])
    TerraformStack.of(scope).add_override(
        f"ephemeral.aws_secretsmanager_random_password.{path}",
        {"password_length": length, "exclude_punctuation": True},
    )
    return f"ephemeral.aws_secretsmanager_random_password.{path}.random_password"


def write_only_secret(
    scope: Construct,
    id_: str,
    *,
    name: str,
    description: str,
    values: Mapping[str, str],
    recovery_window_days: int,
) -> str:
    """Makes a JSON secret whose values go to AWS and nowhere else.

    They are written once, when the secret is made: later runs of Terraform make other random values and do
    not send them, because the version of the write-only argument stays the same.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: The secret's name in Secrets Manager.
        description: What it is for.
        values: For each key the Terraform expression of its value, without `${}`.
        recovery_window_days: How long a deleted secret can be had back, 7 to 30 days; 0 deletes at once.

    Returns:
        The secret's ARN, known once it has its value.
    """
    secret = SecretsmanagerSecret(
        scope,
        id_,
        name=name,
        description=description,
        recovery_window_in_days=recovery_window_days,
        tags={"Name": name},
    )
    pairs = ", ".join(f"{json.dumps(key)} = {value}" for key, value in values.items())
    version = SecretsmanagerSecretVersion(
        scope,
        f"{id_}-value",
        secret_id=secret.id,
        secret_string_wo=f"${{jsonencode({{{pairs}}})}}",
        secret_string_wo_version=1,
    )
    return str(version.arn)
