"""Random values made by Terraform, of which nothing is written down here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable, TerraformStack
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.secretsmanager_secret_version import SecretsmanagerSecretVersion
from constructs import Construct

from kf_airflow.findings import accept_finding
from kf_airflow.refs import KeyRef

_RUNS_ON = "targetVersions"


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
    key: KeyRef | None = None,
    version: str | None = None,
    after: Sequence[ITerraformDependable] = (),
) -> str:
    """Makes a JSON secret whose values go to AWS and nowhere else.

    They are written once, when the secret is made: later runs of Terraform make other random values and do
    not send them, because the version of the write-only argument stays the same. So whoever changes a value
    in Secrets Manager keeps the change.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: The secret's name in Secrets Manager.
        description: What it is for.
        values: For each key the Terraform expression of its value, without `${}`.
        recovery_window_days: How long a deleted secret can be had back, 7 to 30 days; 0 deletes at once.
        key: What it is encrypted with. Secrets Manager's own key if left out.
        version: The Terraform expression, without `${}`, of a number that changes when the values have to be
            written again. Never if left out.
        after: What has to be there before the values are written. Nothing if left out.

    Returns:
        The secret's ARN, known once it has its value.
    """
    secret = SecretsmanagerSecret(
        scope,
        id_,
        name=name,
        description=description,
        kms_key_id=key.arn if key else None,
        recovery_window_in_days=recovery_window_days,
        tags={"Name": name},
    )
    if key is None:
        accept_finding(secret, "CKV_AWS_149", "Encrypted with Secrets Manager's key, as no other was given")
    accept_finding(
        secret, "CKV2_AWS_57", "A change has to reach running tasks, so it comes with a deployment"
    )
    pairs = ", ".join(f"{json.dumps(key)} = {value}" for key, value in values.items())
    value = SecretsmanagerSecretVersion(
        scope,
        f"{id_}-value",
        secret_id=secret.id,
        secret_string_wo=f"${{jsonencode({{{pairs}}})}}",
        secret_string_wo_version=1,
        depends_on=list(after) or None,
    )
    # CDKTF's fork takes a project that does not say so to run on releases without write-only arguments.
    if value.node.try_get_context(_RUNS_ON) is None:
        value.node.set_context(_RUNS_ON, {"terraform": ">=1.11.0"})
    if version is not None:
        value.add_override("secret_string_wo_version", f"${{{version}}}")
    return str(value.arn)
