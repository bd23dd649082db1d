"""A topic of SNS, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.refs.ref import Ref


@dataclass(frozen=True, kw_only=True)
class TopicRef(Ref):
    """An SNS topic of the same account and region.

    Its policy has to let `cloudwatch.amazonaws.com` and `events.amazonaws.com` publish. Where it is
    encrypted, so has that of its key, which cannot be AWS's own.

    Args:
        arn: The topic.
    """

    arn: str
