"""Log groups of CloudWatch."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from constructs import Construct

from kf_airflow.findings import accept_finding
from kf_airflow.refs import KeyRef

_A_YEAR = 365


def place_log_group(
    scope: Construct, id_: str, *, name: str, retention_days: int, key_arn: str | None
) -> CloudwatchLogGroup:
    """Makes a log group.

    Args:
        scope: Where it is placed.
        id_: Its id there.
        name: What it is called.
        retention_days: How long CloudWatch keeps what is in it.
        key_arn: The KMS key it is encrypted with. CloudWatch's own key if None.
    """
    group = CloudwatchLogGroup(
        scope, id_, name=name, retention_in_days=retention_days, kms_key_id=key_arn, tags={"Name": name}
    )
    if retention_days < _A_YEAR:
        accept_finding(group, "CKV_AWS_338", "How long logs are kept is the user's choice")
    if key_arn is None:
        accept_finding(group, "CKV_AWS_158", "Encrypted with CloudWatch's key, as no other was given")
    return group


def place_log_groups(
    scope: Construct, *, names: Sequence[str], retention_days: int, key: KeyRef | None
) -> list[CloudwatchLogGroup]:
    """Makes log groups before the service that writes them does, unencrypted and for ever.

    Args:
        scope: Where they are placed, as `log-group-<last part of the name>`.
        names: What they are called.
        retention_days: How long CloudWatch keeps what is in them.
        key: What they are encrypted with. CloudWatch's own key if None.
    """
    return [
        place_log_group(
            scope,
            f"log-group-{name.rsplit('/', 1)[-1]}",
            name=name,
            retention_days=retention_days,
            key_arn=key.arn if key else None,
        )
        for name in names
    ]
