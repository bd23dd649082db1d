"""An encryption key, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.refs.ref import Ref


@dataclass(frozen=True, kw_only=True)
class KeyRef(Ref):
    """A symmetric KMS key of the same account and region.

    Its policy has to leave access to the account's IAM policies, and, where log groups are encrypted with it,
    let CloudWatch Logs use it.

    Args:
        arn: The key's ARN, not that of an alias.
    """

    arn: str
