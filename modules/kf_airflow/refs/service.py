"""An ECS service, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass

from kf_airflow.refs.ref import Ref


@dataclass(frozen=True, kw_only=True)
class ServiceRef(Ref):
    """An ECS service, as far as the number of its tasks is concerned.

    Args:
        cluster_name: The name of its cluster.
        name: Its name. As an attribute of the resource that makes it, what refers to it comes after it.
        target_group_arn: Where its tasks register. Nowhere if left out.

    Raises:
        ValueError: if a value is empty, or no ARN where there has to be one.
    """

    cluster_name: str
    name: str
    target_group_arn: str | None = None
